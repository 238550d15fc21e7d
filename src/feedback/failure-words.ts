import { withoutAddresses } from './addresses.ts';

const inSubject =
  /undeliver|returned mail|mail failed|^not member article|failure notice|delivery (?:status|failure|failed|problem|report|error|notification)|delivery to|non-?delivery|mail (?:delivery|system|server)? ?(?:failed|failure|error|status)|returned to sender|returning (?:message )?to sender|could not (?:be )?(?:sent|send|deliver)|not delivered|failed (?:mail|delivery|to deliver)|message (?:delayed|not delivered|status|could not)|delayed mail|warning: (?:message|could not)|error sending|undelivered|user unknown|errors? from|loop alert|cannot send message|failure delivery|unable to deliver|mail error|bounce|considered unsolicited|returned e-?mail/i;
const inText =
  /(?:could|can|did|was|were|has|been) ?(?:not|n't) (?:be |been |reach |get |yet been |yet be )?(?:be )?(?:deliver|relay|sent|send|reach)|(?:cannot|can't|couldn't|unable to|failed to|not able to|trouble|problems?|error(?: has)? (?:occurred )?while attempting to|error) (?:to |be )?(?:deliver|sen[dt]|relay)|(?:delivery|mail|message|transmission|sending)(?: \S{1,20}){0,4} (?:failed|failure|fail\b|undeliverable|was rejected|was not|not delivered|has failed|was refused|returned|is delayed|delayed)|undeliverable|undelivered|returned (?:to sender|mail|message)|(?:had|having|returned) (?:delivery )?(?:problems|errors|permanent)|did not reach|wasn't able to deliver|was undeliverable|(?:unknown|no such|invalid) (?:user|address|recipient|host)|invalid user|user unknown|transcript of session|delivery (?:problem|error|report|status)|did not receive this message|failed addresses|failure reasons|duplicated message-id|error: |was not delivered|delivered due to|unzustellbar|nicht zugestellt|konnte nicht|non recapit|n'a pas (?:pu|\u00e9t\u00e9)|no se (?:ha|pudo)|送信できませんでした|届けできません|не может быть доставлено/i;

// The same in other languages, in subject or text.
const elsewhere = new RegExp(
  [
    /unzustellbar|nicht (?:zugestellt|zustellbar|ausgeliefert)|zustellung (?:fehlgeschlagen|nicht m(?:ö|oe)glich)|zustell(?:fehler|bericht)/,
    /non[- ](?:remis|distribu|livr|délivr)|n'a (?:pas )?pu (?:pas )?être|échec (?:de la |d')?(?:remise|livraison|envoi)/,
    /no (?:se )?(?:ha |pudo |puede |pudo ser |fue )*entrega|no (?:ha )?lleg[oó] a|mensaje (?:devuelto|no entregado)|correo devuelto|error de entrega/,
    /n[aã]o (?:p[oô]de |foi |pode )*(?:ser )?entregue|mensagem (?:devolvida|n[aã]o entregue)|falha na entrega|devolu[cç][aã]o de/,
    /(?:non|mancato|impossibile) recapit|mancata consegna|messaggio non (?:consegnato|recapitat)/,
    /onbestelbaar|niet (?:bezorgd|afgeleverd)|kon niet worden/,
    /niedostarczon|nie (?:można|mógł|zostało?|udało się) (?:być )?dostarcz/,
    /недоставлен|не (?:может быть |было? |удалось )?доставлен|не удалось доставить|ошибка доставки/,
    /(?:送信|配信|配達)(?:できません|エラー|不能|失敗|されません)|届けできません|届きません|宛先不明/,
    /退信|退件|被退回|(?:投递|投遞|发送|發送|递送|传送)失(?:败|敗)|(?:无法|無法|未能)(?:投递|投遞|送达|送達|发送|發送|传递)/,
  ]
    .map(({ source }) => source)
    .join('|'),
  'i',
);

/** Whether a message reads like a notice of failed delivery. Who sent it must be judged beside. */
export function soundsLikeFailure(subject: string, text: string): boolean {
  // A person's answer to, or copy of, a bounce is none.
  if (/^\s*(?:re|fwd?|aw|wg|sv)\s*:/i.test(subject) && !/550|551|552|553|554/.test(text.slice(0, 4_000)))
    return false;
  if (inSubject.test(subject.slice(0, 1_000)) || elsewhere.test(subject.slice(0, 1_000)))
    return /\S/.test(text);
  const beginning = text.slice(0, 8_000);
  return inText.test(beginning) || elsewhere.test(beginning);
}

/** Whether a text says more than that there was a failure: one of its lines is neither such a sentence nor an address. */
export function statesReason(text: string): boolean {
  return text
    .slice(0, 8_000)
    .split('\n')
    .some((line) => {
      const words = withoutAddresses(line).replace(/\bsomeone\b/g, '');
      return (
        /[\p{L}\p{N}]/u.test(words) &&
        !inText.test(words) &&
        !elsewhere.test(words) &&
        !boilerplate.test(words)
      );
    });
}

const boilerplate =
  /automatic|delivery status|notification|following (?:recipients?|address|list)|permanent(?:ly| error)|mail system|sorry|this is |hello|hi[.!]|further assistance|problem report|delete your own|failure reasons|message from|original message was received/i;
