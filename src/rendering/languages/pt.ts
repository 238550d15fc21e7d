import type { Catalogue } from './texts.ts';

export const portuguese = {
  words: {
    readMore: 'Ler a notícia',
    more: 'Mais notícias',
    inBrief: 'Em resumo',
    coverage: 'Mais cobertura',
    background: 'Contexto',
    similar: 'Relacionado',
    unsubscribe: 'Cancelar a assinatura',
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
    subject: 'Confirme a sua assinatura de {list}',
    preheader: 'Um clique, e {list} é seu. Se não pediu, não faça nada.',
    title: 'Um clique para confirmar',
    body: 'Alguém, esperamos que você, pediu para receber {list} neste endereço. Confirme, e a próxima edição chegará até você.',
    button: 'Confirmar a minha assinatura',
    otherwise: 'Se o botão não funcionar, abra este endereço no navegador:',
    days: {
      one: 'O link vale por {count} dia.',
      many: 'O link vale por {count} de dias.',
      other: 'O link vale por {count} dias.',
    },
    unasked:
      'Se não pediu, não faça nada: você não receberá nenhum boletim, e este endereço ficará fora da lista.',
  },
  welcome: {
    subject: 'Boas-vindas a {list}',
    preheader: 'Chega com a próxima edição. Pode mudar o que recebe a qualquer momento.',
    title: 'Está na lista',
    body: 'Obrigado por confirmar. {list} chegará a este endereço com a próxima edição.',
    latest: 'Não precisa de esperar: a última edição está aqui para ler.',
    button: 'Ler a última edição',
    choose: 'Temas, frequência e listas: escolha nesta página o que recebe.',
    leave: 'Pode cancelar com um clique, quando quiser:',
  },
  preferences: {
    subject: 'O seu link para escolher o que recebe',
    preheader: 'O link é só para si.',
    title: 'Escolher o que recebe',
    body: 'Pediu a página com as suas listas, temas e horários. Está atrás deste botão.',
    button: 'Abrir as minhas preferências',
    unasked:
      'Se não pediu isto, não faça nada: nada muda. Não o partilhe, pois quem o tiver pode alterar as suas subscrições.',
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
    subject: 'Deixou {list}',
    preheader: 'Nada mais chegará. Se foi engano, pode voltar.',
    title: 'Já não está na lista',
    body: '{list} não chegará mais a este endereço. Uma edição que já vinha a caminho pode ainda chegar dentro de uma hora. Obrigado por nos ter lido.',
    back: 'Se foi engano, pode voltar quando quiser.',
    button: 'Subscrever de novo',
    last: 'Esta é a última mensagem desta lista para este endereço.',
  },
  stay: {
    subject: 'Ainda quer receber {list}?',
    preheader: 'Um clique e continua a chegar. Se não fizer nada, deixa de chegar.',
    title: 'Ainda quer receber {list}?',
    body: 'Há muito tempo que não vemos que abra ou siga algo em {list}, e preferimos não encher a sua caixa com o que não lê. Se gosta, diga-nos.',
    button: 'Continuar a receber',
    days: {
      one: 'Se não tivermos notícias em {count} dia, retiramos este endereço da lista. Para isso não precisa de fazer nada.',
      many: 'Se não tivermos notícias em {count} de dias, retiramos este endereço da lista. Para isso não precisa de fazer nada.',
      other:
        'Se não tivermos notícias em {count} dias, retiramos este endereço da lista. Para isso não precisa de fazer nada.',
    },
    leave: 'Para cancelar já, abra este endereço:',
    ask: 'Carregue no botão e {list} continua a chegar-lhe.',
    kept: 'Obrigado. {list} continua a chegar-lhe.',
  },
} satisfies Catalogue;
