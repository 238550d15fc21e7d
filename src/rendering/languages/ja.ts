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
} satisfies Catalogue;
