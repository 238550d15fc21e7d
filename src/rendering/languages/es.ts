import type { Catalogue } from './texts.ts';

export const spanish = {
  words: {
    readMore: 'Leer la noticia',
    more: 'Más noticias',
    inBrief: 'En breve',
    coverage: 'Más cobertura',
    background: 'Contexto',
    similar: 'Relacionado',
    unsubscribe: 'Darse de baja',
    preferences: 'Elegir lo que recibe',
    view: 'Ver en el navegador',
    share: 'Enviar a un amigo',
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
  welcome: {
    subject: 'Le damos la bienvenida a {list}',
    preheader: 'Llegará con la próxima edición. Puede cambiar lo que recibe cuando quiera.',
    title: 'Ya está en la lista',
    body: 'Gracias por confirmar. {list} llegará a esta dirección con la próxima edición.',
    latest: 'No hace falta esperar: aquí puede leer la última edición.',
    button: 'Leer la última edición',
    choose: 'Temas, frecuencia y listas: elija en esta página lo que recibe.',
    leave: 'Puede darse de baja con un clic, cuando quiera:',
  },
  preferences: {
    subject: 'Su enlace para elegir lo que recibe',
    preheader: 'El enlace es solo para usted.',
    title: 'Elija lo que recibe',
    body: 'Ha pedido la página con sus listas, temas y horarios. Está detrás de este botón.',
    button: 'Abrir mis preferencias',
    unasked:
      'Si no lo ha pedido, no haga nada: no cambia nada. No comparta el enlace, pues quien lo tenga puede cambiar sus suscripciones.',
  },
  data: {
    subject: 'Su enlace a sus datos',
    preheader: 'El enlace es solo para usted y sirve durante un día.',
    title: 'Sus datos',
    body: 'Ha pedido la página en la que puede obtener una copia de todo lo que guardamos sobre usted, o hacer que se borre. Está detrás de este botón, durante un día.',
    button: 'Abrir mis datos',
    unasked:
      'Si no lo ha pedido, no haga nada: no cambia nada. No comparta el enlace, pues quien lo tenga puede leer sus datos y borrarlos.',
  },
  goodbye: {
    subject: 'Se ha dado de baja de {list}',
    preheader: 'No llegará nada más. Si fue un error, puede volver.',
    title: 'Ya no está en la lista',
    body: '{list} no llegará más a esta dirección. Una edición que ya estaba en camino puede llegar todavía durante la próxima hora. Gracias por habernos leído.',
    back: 'Si fue un error, puede volver cuando quiera.',
    button: 'Suscribirme de nuevo',
    last: 'Este es el último correo de esta lista a esta dirección.',
  },
  stay: {
    subject: '¿Quiere seguir recibiendo {list}?',
    preheader: 'Un clic y seguirá llegando. Si no hace nada, dejará de llegar.',
    title: '¿Quiere seguir recibiendo {list}?',
    body: 'Hace mucho que no vemos que abra o siga algo de {list}, y preferimos no llenar su buzón con lo que no lee. Si le gusta, díganoslo.',
    button: 'Seguir recibiéndolo',
    days: {
      one: 'Si no sabemos nada en {count} día, quitaremos esta dirección de la lista. Para eso no tiene que hacer nada.',
      many: 'Si no sabemos nada en {count} de días, quitaremos esta dirección de la lista. Para eso no tiene que hacer nada.',
      other:
        'Si no sabemos nada en {count} días, quitaremos esta dirección de la lista. Para eso no tiene que hacer nada.',
    },
    leave: 'Para darse de baja ahora mismo, abra esta dirección:',
    ask: 'Pulse el botón y {list} le seguirá llegando.',
    kept: 'Gracias. {list} le seguirá llegando.',
  },
} satisfies Catalogue;
