import type { Catalogue } from './texts.ts';

export const japanese = {
  words: {
    readMore: '記事を読む',
    more: 'ほかの記事',
    inBrief: '短信',
    coverage: 'ほかの報道',
    background: '背景',
    similar: '関連',
    unsubscribe: '配信停止',
    preferences: '配信内容を選ぶ',
    view: 'ブラウザーで表示',
    developing: '続報中',
  },
  sections: {
    lead: 'トップ記事',
    top: 'ほかの記事',
    brief: '短信',
    note: '編集部から',
  },
  greeting: 'こんにちは。',
  greetingByName: '{name}さん、こんにちは。',
  why: '{email} が {newsletter} に登録されているため、このメールをお送りしています。',
  coverage: {
    other: '{count}社が報道',
  },
  confirm: {
    subject: '{list} の登録を確認してください',
    preheader: 'ワンクリックで {list} が届きます。お心当たりがなければ、何もしないでください。',
    title: 'ワンクリックで確認',
    body: 'このアドレスで {list} の受信が申し込まれました。ご希望であれば確認してください。次号からお届けします。',
    button: '登録を確認する',
    otherwise: 'ボタンが動かない場合は、次のアドレスをブラウザーで開いてください。',
    days: {
      other: 'このリンクは{count}日間有効です。',
    },
    unasked:
      'お心当たりがなければ、何もしないでください。ニュースレターは届かず、このアドレスは登録されません。',
  },
  welcome: {
    subject: '{list}へようこそ',
    preheader: '次の号からお届けします。内容はいつでも変更できます。',
    title: '登録が完了しました',
    body: 'ご確認ありがとうございます。{list}は次の号からこのアドレスに届きます。',
    latest: '次の号を待たずに、最新号をこちらでお読みいただけます。',
    button: '最新号を読む',
    choose: 'トピック、頻度、リストは、このページで選べます。',
    leave: '配信停止はいつでもワンクリックでできます：',
  },
  preferences: {
    subject: '配信設定のリンク',
    preheader: 'このリンクはあなた専用です。',
    title: '受け取る内容を選ぶ',
    body: 'リスト、トピック、配信時刻を選ぶページのご請求がありました。下のボタンから開けます。',
    button: '配信設定を開く',
    unasked:
      'お心当たりがなければ、何もしないでください。何も変更されません。このリンクを持つ人は登録内容を変更できるため、他の人に渡さないでください。',
  },
  goodbye: {
    subject: '{list}の配信を停止しました',
    preheader: '今後は届きません。誤りでしたら、いつでも戻れます。',
    title: '登録を解除しました',
    body: '{list}は今後このアドレスに届きません。すでに送信中の号が一時間以内に届くことがあります。お読みいただきありがとうございました。',
    back: '誤りでしたら、いつでもお戻りください。',
    button: 'もう一度登録する',
    last: 'このリストからこのアドレスへの最後のメールです。',
  },
  stay: {
    subject: '{list}の配信を続けますか',
    preheader: 'ワンクリックで配信が続きます。何もしなければ停止します。',
    title: '{list}の配信を続けますか',
    body: '{list}が長い間開かれていないようです。お読みにならないものをお送りし続けたくはありません。ご希望でしたら、お知らせください。',
    button: '配信を続ける',
    days: {
      other: '{count}日以内にお返事がない場合は、このアドレスをリストから外します。お手続きは不要です。',
    },
    leave: '今すぐ停止するには、こちらを開いてください：',
    ask: 'ボタンを押すと、{list}の配信が続きます。',
    kept: 'ありがとうございます。{list}の配信を続けます。',
  },
} satisfies Catalogue;
