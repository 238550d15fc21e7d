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
} satisfies Catalogue;
