import { any, type Wording } from './wording.ts';

/**
 * What servers write in other languages than English, as some write to their own country only: German, French, Spanish,
 * Portuguese, Italian, Dutch, Polish, Russian, Japanese, Chinese. A row has what the mailbox or the message is called, some
 * words, and what is the matter with it.
 */
export const foreignWordings: Wording[] = [
  {
    reason: 'blocked',
    words: any(
      /(?:sperrliste|schwarze liste|blockliste)/,
      /liste (?:noire|de blocage)/,
      /lista (?:negra|de bloqueo|de bloqueio)/,
      /lista nera/,
      /черн\S{2,3} спис/,
      /(?:黑名单|黑名單)/,
      /ブラックリスト/,
      /(?:ip-adresse|adresse ip|direcci[oó]n ip|endereço ip|indirizzo ip)(?: \S{1,30}){0,4} (?:gesperrt|blockiert|bloquée?|bloquead[ao]|bloccat[oa]|refusée?|rechazada)/,
    ),
  },
  {
    reason: 'mailboxfull',
    words: any(
      /(?:postfach|briefkasten|mailbox|posteingang|speicherplatz|speicher)(?: \S{1,20}){0,4} (?:voll|überfüllt|überschritten|erschöpft|ausgeschöpft)/,
      /(?:kontingent|speicherlimit)(?: \S{1,20}){0,4} (?:überschritten|erschöpft)/,
      /(?:buz[oó]n|bandeja|casilla|cuenta|espacio)(?: \S{1,20}){0,5} (?:llen[oa]|sin espacio|excedid[oa]|agotad[oa]|super[oó])/,
      /bo[iî]te(?: \S{1,20}){0,5} (?:pleine|saturée|saturee)/,
      /quota(?: \S{1,20}){0,3} (?:dépassé|depasse|atteint|excedida|superat[ao]|excedido)/,
      /casella(?: \S{1,20}){0,4} piena/,
      /(?:caixa|cota|espaço)(?: \S{1,20}){0,5} (?:chei[ao]|lotad[ao]|excedid[ao]|insuficiente)/,
      /(?:mailbox|postbus)(?: \S{1,20}){0,3} vol\b/,
      /skrzynka(?: \S{1,20}){0,3} (?:pełna|przepełniona)/,
      /ящик\S{0,3}(?: \S{1,20}){0,3} (?:переполнен|полон|заполнен)/,
      /(?:メールボックス|受信箱|受信トレイ|容量)\S{0,20}(?:一杯|いっぱい|満杯|超過|超え|不足)/,
      /(?:邮箱|信箱|郵箱|空间|空間|容量)\S{0,8}(?:已满|已滿|不足|超限|超出|满了)/,
    ),
  },
  {
    reason: 'suspend',
    words: any(
      /(?:konto|postfach|account|benutzer|empfänger|adresse)(?: \S{1,20}){0,3} (?:gesperrt|deaktiviert|stillgelegt|abgelaufen|gekündigt|inaktiv)/,
      /(?:compte|boîte|boite|adresse|utilisateur)(?: \S{1,20}){0,4} (?:bloquée?|désactivée?|desactivee?|suspendue?|fermée?|inacti(?:f|ve)|résiliée?)/,
      /(?:cuenta|buz[oó]n|usuario|casilla|conta|caixa|usuário|usuario)(?: \S{1,20}){0,4} (?:desactivad[oa]|desativad[oa]|suspendid[oa]|suspens[oa]|bloquead[oa]|inactiv[oa]|inativ[oa]|cancelad[oa]|cerrad[oa]|encerrad[oa]|deshabilitad[oa])/,
      /(?:account|casella|utente)(?: \S{1,20}){0,3} (?:disattivat[oa]|sospes[oa]|bloccat[oa])/,
      /(?:konto|skrzynka)(?: \S{1,20}){0,3} (?:zablokowan[ea]|nieaktywn[ea]|zawieszone)/,
      /(?:ящик|аккаунт|пользовател|учетная запись)\S{0,3}(?: \S{1,20}){0,3} (?:заблокирован|отключен|удален|неактив)/,
      /(?:アカウント|メールボックス|メールアドレス)\S{0,12}(?:停止|無効|凍結|利用できません)/,
      /(?:邮箱|郵箱|帐号|账号|帳號|用户|账户)\S{0,6}(?:停用|禁用|冻结|凍結|锁定|封|过期|注销)/,
    ),
  },
  {
    reason: 'hostunknown',
    words: any(
      /(?:domäne|domain|domänenname|rechner)(?: \S{1,20}){0,4} (?:existiert nicht|nicht gefunden|unbekannt)/,
      /unbekannter? (?:host|rechner|domain)/,
      /(?:domaine|hôte|serveur)(?: \S{1,20}){0,4} (?:inexistant|introuvable|inconnu|n'existe pas)/,
      /(?:dominio|domínio|servidor)(?: \S{1,20}){0,4} (?:no existe|não existe|nao existe|inexistente|no encontrado|inesistente|non esiste)/,
      /домен\S{0,3}(?: \S{1,20}){0,3} не (?:существует|найден)/,
      /(?:域名|网域|域)\S{0,4}(?:不存在|无法解析|錯誤|错误)/,
      /ドメイン\S{0,12}(?:見つかりません|存在しません)/,
    ),
  },
  {
    reason: 'userunknown',
    words: any(
      /(?:empf(?:ä|ae)nger|adresse|benutzer|postfach|mailbox|teilnehmer|konto)\S{0,12}(?: \S{1,40}){0,5} (?:existiert (?:hier )?nicht|nicht (?:gefunden|vorhanden|bekannt|existent)|unbekannt|ungültig|gibt es nicht)/,
      /unbekannter? (?:empf(?:ä|ae)nger|benutzer|adresse|teilnehmer)/,
      /(?:kein|keine) (?:gültige[rs]? |solche[rs]? )?(?:empfänger|benutzer|postfach|adresse|mailbox)/,
      /(?:adresse|destinataire|utilisateur|bo[iî]te|compte|usager)\S{0,3}(?: \S{1,40}){0,5} (?:n'existe (?:pas|plus)|inconnue?|inexistante?|introuvable|invalide|incorrecte?)/,
      /(?:utente|indirizzo|casella|destinatario)(?: \S{1,40}){0,4} (?:non (?:esiste|trovat[oa]|valid[oa])|inesistente|sconosciut\w)/,
      /(?:usuario|direcci[oó]n|cuenta|destinatario|buz[oó]n|casilla)(?: \S{1,40}){0,5} (?:no (?:existe|encontrad\w|válid\w|se (?:encontr|encuentra|ha encontrado|pudo encontrar))|inexistente|desconocid\w|inv[aá]lid\w)/,
      /(?:usu[aá]rio|endereço|endereco|conta|destinat[aá]rio|caixa)(?: \S{1,40}){0,5} (?:n[aã]o (?:existe|encontrad\w|foi encontrad\w|localizad\w)|inexistente|desconhecid\w|inv[aá]lid\w)/,
      /(?:gebruiker|ontvanger|adres|mailbox)(?: \S{1,40}){0,3} (?:bestaat niet|onbekend|niet gevonden|ongeldig)/,
      /(?:użytkownik|odbiorca|adres|skrzynka|konto)(?: \S{1,40}){0,3} nie (?:istnieje|znalezion)/,
      /(?:пользовател|получател|адрес|ящик)\S{0,4}(?: \S{1,40}){0,3} не (?:существует|найден)/,
      /(?:нет такого|неизвестн\S{2,4}|несуществующ\S{2,4}) (?:пользовател|получател|адрес|ящик)/,
      /(?:メールアドレス|宛先|ユーザ|受信者|アカウント)\S{0,20}(?:見つかりません|存在しません|不明|ありません)/,
      /(?:用户|用戶|收件人|邮箱|信箱|帐号|账号|帳號|地址|收信人)\S{0,8}(?:不存在|未找到|找不到|无效|無效|有误|错误)/,
      /(?:不存在|找不到)(?:该|此|這個|这个)?(?:用户|用戶|收件人|邮箱|帐号|地址)/,
      /no existe/,
      /n[aã]o existe/,
      /nie istnieje/,
      /bestaat niet/,
      /onbekende/,
    ),
  },
  {
    reason: 'spamdetected',
    words: any(
      /\bspam (?:erkannt|verdacht|detectado|suspeito|détecté)/,
      /(?:als|como|comme|come|jako|à du|de) spam\b/,
      /spam-?verdacht/,
      /courrier ind[ée]sirable/,
      /(?:correo|mensaje) no deseado/,
      /lixo eletr[ôo]nico/,
      /(?:垃圾邮件|垃圾郵件|垃圾信)/,
      /迷惑メール/,
      /(?:признано|похоже на|является) (?:\S{1,10} )?спам/,
    ),
  },
  {
    reason: 'norelaying',
    words: any(
      /(?:weiterleitung|relaying|relay)(?: \S{1,12}){0,3} (?:nicht (?:erlaubt|gestattet|zulässig)|verweigert|verboten|interdit|refusé|no permitid[oa]|não permitid[oa]|non consentito|denegad[oa])/,
    ),
  },
  {
    reason: 'mesgtoobig',
    words: any(
      /(?:nachricht|mail|e-mail|anhang)(?: \S{1,12}){0,3} zu gro(?:ß|ss)/,
      /message trop (?:volumineux|gros|grand)/,
      /(?:mensaje|mensagem|correo)(?: \S{1,12}){0,3} (?:demasiado|muito|excede)(?: \S{1,12}){0,3} (?:grande|tamaño|tamanho)/,
      /messaggio troppo grande/,
      /(?:邮件|郵件)\S{0,4}(?:过大|太大|超过)/,
      /(?:письмо|сообщение) слишком больш/,
    ),
  },
  {
    reason: 'expired',
    words: any(
      /nicht (?:rechtzeitig|innerhalb) /,
      /nach \d{1,4} (?:stunden|tagen|minuten|versuchen)/,
      /(?:zustellung|zustellversuche?)(?: \S{1,12}){0,3} (?:abgebrochen|eingestellt|verzögert)/,
      /zeitüberschreitung/,
      /(?:délai|temps)(?: \S{1,12}){0,3} (?:dépassé|écoulé|expiré)/,
      /tiempo de espera/,
      /tempo (?:limite|esgotado|de espera)/,
      /(?:после|в течение) \d{1,4} (?:час|дн|минут)/,
      /(?:超时|逾時|タイムアウト)/,
    ),
  },
];
