import type { Catalogue } from './texts.ts';

export const portuguese = {
  words: {
    readMore: 'Ler a notícia',
    more: 'Mais notícias',
    inBrief: 'Em resumo',
    coverage: 'Mais cobertura',
    background: 'Contexto',
    similar: 'Relacionado',
    unsubscribe: 'Cancelar assinatura',
    preferences: 'Escolher o que recebe',
    view: 'Ver no navegador',
    share: 'Enviar a um amigo',
    developing: 'Em desenvolvimento',
  },
  sections: {
    lead: 'Notícia principal',
    top: 'Mais notícias',
    brief: 'Em resumo',
    note: 'Da redação',
  },
  greeting: 'Olá,',
  greetingByName: 'Olá, {name},',
  why: 'Você recebe esta mensagem porque {email} assina {newsletter}.',
  coverage: {
    one: 'Noticiado por {count} veículo',
    many: 'Noticiado por {count} de veículos',
    other: 'Noticiado por {count} veículos',
  },
  confirm: {
    subject: 'Confirme sua assinatura de {list}',
    preheader: 'Um clique, e {list} é sua. Se você não pediu, não faça nada.',
    title: 'Um clique para confirmar',
    body: 'Alguém, esperamos que você, pediu para receber {list} neste endereço. Confirme, e a próxima edição chegará até você.',
    button: 'Confirmar minha assinatura',
    otherwise: 'Se o botão não funcionar, abra este endereço no navegador:',
    days: {
      one: 'O link vale por {count} dia.',
      many: 'O link vale por {count} de dias.',
      other: 'O link vale por {count} dias.',
    },
    unasked:
      'Se você não pediu, não faça nada: você não receberá nenhuma newsletter, e este endereço ficará fora da lista.',
  },
  welcome: {
    subject: 'Boas-vindas a {list}',
    preheader: 'Chega com a próxima edição. Você pode mudar o que recebe a qualquer momento.',
    title: 'Você está na lista',
    body: 'Obrigado por confirmar. {list} chegará a este endereço com a próxima edição.',
    latest: 'Não precisa esperar: a última edição está aqui para ler.',
    button: 'Ler a última edição',
    choose: 'Temas, frequência e listas: escolha nesta página o que recebe.',
    leave: 'Você pode cancelar com um clique, quando quiser:',
  },
  preferences: {
    subject: 'Seu link para escolher o que recebe',
    preheader: 'O link é só para você.',
    title: 'Escolher o que recebe',
    body: 'Você pediu a página com suas listas, temas e horários. Ela está atrás deste botão.',
    button: 'Abrir minhas preferências',
    unasked:
      'Se você não pediu, não faça nada: nada muda. Não passe o link adiante, pois quem o tem pode alterar suas assinaturas.',
  },
  data: {
    subject: 'Seu link para seus dados',
    preheader: 'O link é só para você e vale por um dia.',
    title: 'Seus dados',
    body: 'Você pediu a página em que pode receber uma cópia de tudo o que guardamos sobre você, ou mandar apagar. Ela está atrás deste botão, por um dia.',
    button: 'Abrir meus dados',
    unasked:
      'Se você não pediu, não faça nada: nada muda. Não passe o link adiante, pois quem o tem pode ler e apagar seus dados.',
  },
  goodbye: {
    subject: 'Você deixou {list}',
    preheader: 'Nada mais chegará. Se foi engano, você pode voltar.',
    title: 'Você não está mais na lista',
    body: '{list} não chegará mais a este endereço. Uma edição que já estava a caminho ainda pode chegar na próxima hora. Obrigado por ter lido.',
    back: 'Se foi engano, você pode voltar quando quiser.',
    button: 'Assinar de novo',
    last: 'Esta é a última mensagem desta lista para este endereço.',
  },
  stay: {
    subject: 'Você ainda quer receber {list}?',
    preheader: 'Um clique, e continua chegando. Se não fizer nada, deixa de chegar.',
    title: 'Você ainda quer receber {list}?',
    body: 'Faz muito tempo que não vemos você abrir ou clicar em algo de {list}, e preferimos não encher sua caixa com o que não lê. Se você gosta, diga para nós.',
    button: 'Continuar recebendo',
    days: {
      one: 'Se não tivermos notícias em {count} dia, retiramos este endereço da lista. Para isso você não precisa fazer nada.',
      many: 'Se não tivermos notícias em {count} de dias, retiramos este endereço da lista. Para isso você não precisa fazer nada.',
      other:
        'Se não tivermos notícias em {count} dias, retiramos este endereço da lista. Para isso você não precisa fazer nada.',
    },
    leave: 'Para cancelar agora, abra este endereço:',
    ask: 'Aperte o botão, e {list} continua chegando a você.',
    kept: 'Obrigado. {list} continua chegando a você.',
  },
} satisfies Catalogue;
