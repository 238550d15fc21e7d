import type { Catalogue } from './texts.ts';

export const spanish = {
  words: {
    readMore: 'Leer la noticia',
    more: 'Más noticias',
    inBrief: 'En breve',
    coverage: 'Más cobertura',
    background: 'Contexto',
    similar: 'Relacionado',
    unsubscribe: 'Cancelar la suscripción',
    preferences: 'Elegir lo que recibe',
    view: 'Ver en el navegador',
    developing: 'En desarrollo',
  },
  sections: {
    lead: 'Noticia principal',
    top: 'Más noticias',
    brief: 'En breve',
    note: 'De la redacción',
  },
  greeting: 'Hola:',
  greetingByName: 'Hola, {name}:',
  why: 'Recibe este mensaje porque {email} está suscrito a {newsletter}.',
  coverage: {
    one: 'Lo cuenta {count} medio',
    many: 'Lo cuentan {count} de medios',
    other: 'Lo cuentan {count} medios',
  },
  confirm: {
    subject: 'Confirme su suscripción a {list}',
    preheader: 'Un clic y {list} es suyo. Si no lo ha pedido, no haga nada.',
    title: 'Un clic para confirmar',
    body: 'Alguien, esperamos que usted, ha pedido recibir {list} en esta dirección. Confírmelo y recibirá la próxima edición.',
    button: 'Confirmar mi suscripción',
    otherwise: 'Si el botón no funciona, abra esta dirección en su navegador:',
    days: {
      one: 'El enlace vale {count} día.',
      many: 'El enlace vale {count} de días.',
      other: 'El enlace vale {count} días.',
    },
    unasked:
      'Si no lo ha pedido, no haga nada: no recibirá ningún boletín y esta dirección quedará fuera de la lista.',
  },
} satisfies Catalogue;
