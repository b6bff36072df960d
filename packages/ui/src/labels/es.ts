import type { Labels } from "./labels.ts";

const number = (value: number): string => value.toLocaleString("es");

export const labels: Labels = {
  newChat: "Nuevo chat",
  newChatBegun: "Nuevo chat.",
  conversations: "Conversaciones",
  download: "Descargar",
  talkToPerson: "Hablar con una persona",
  openChat: (unreadCount) =>
    unreadCount === 0
      ? "Abrir el chat"
      : `Abrir el chat, ${unreadCount === 1 ? "una respuesta nueva" : `${unreadCount} respuestas nuevas`}`,
  closeChat: "Cerrar el chat",
  disclaimer: "Las respuestas las escribe una máquina y pueden ser incorrectas.",

  conversation: "Conversación",
  you: "Usted",
  answer: "Respuesta",
  latest: "Ir al final",
  showAll: "Mostrar todo",
  showLess: "Mostrar menos",
  greeting: "Haga una pregunta.",

  copy: "Copiar",
  copied: "Copiado",
  cannotCopy: "No se puede copiar",
  code: "Código",
  copyCode: "Copiar código",
  retry: "Preguntar de nuevo",
  continue: "Continuar",
  continueRequest: "Continúa donde te detuviste, por favor.",
  edit: "Editar",
  goodAnswer: "Buena",
  badAnswer: "Mala",
  previousBranch: "Versión anterior",
  nextBranch: "Versión siguiente",
  actionOn: (action, isAnswer, count) =>
    `${action}: ${isAnswer ? "respuesta" : "mensaje"} ${count}`,
  editMessage: "Editar el mensaje",
  sendAgain: "Enviar de nuevo",
  cancel: "Cancelar",

  message: "Mensaje",
  placeholder: "Escriba un mensaje",
  send: "Enviar",
  stop: "Detener",
  characters: (count, max) => `${number(count)} de ${number(max)} caracteres`,
  messageTooLong: (excess) =>
    `El mensaje no se envió: tiene ${excess === 1 ? "un carácter" : `${number(excess)} caracteres`} de más.`,
  textTooLong: (count, max) =>
    `Este texto tiene ${number(count)} caracteres y un mensaje puede tener ${number(max)}: no se insertó.`,
  waitingQuestions: "Preguntas en espera",
  removeQuestion: "Quitar",

  answering: "Escribiendo la respuesta…",
  thinking: "La respuesta sigue en preparación…",
  takesLonger: "Está tardando más de lo habitual.",
  queued: "La pasarela está ocupada. Su pregunta espera su turno…",
  queuedAt: (position) =>
    position === 1
      ? "La pasarela está ocupada. Su pregunta es la siguiente…"
      : `La pasarela está ocupada. Su pregunta es la número ${number(position)} de la cola…`,
  reconnecting: "Se perdió la conexión. Conectando de nuevo…",
  offline: "No hay red. La respuesta continuará cuando vuelva…",
  resumed: "Conectado de nuevo.",

  reasoningNow: "Pensando…",
  reasoningTime: (seconds) =>
    `Pensó durante ${seconds === 1 ? "un segundo" : `${number(seconds)} segundos`}`,
  reasoning: "Razonamiento",
  toolPreparing: "Preparando…",
  toolUnfinished: "Sin terminar",
  toolRunning: "En curso…",
  toolDone: "Hecho",
  toolCalled: "Solicitado",
  sources: "Fuentes",
  image: (count) => `Imagen ${count}`,
  footnote: (name) => `Nota ${name}`,
  backToText: "Volver al texto",

  stopped: "Detenida.",
  abandoned: "La respuesta se terminó porque nadie la estaba leyendo.",
  lengthReached: "La respuesta alcanzó su longitud máxima y está incompleta.",
  filtered: "Un filtro de contenido terminó la respuesta.",
  empty: "La respuesta está vacía.",

  inspector: {
    wire: "Conexión",
    events: "Eventos",
    status: "Estado",
    firstToken: "Primer token",
    tokensPerSecond: "Tokens por segundo",
    tokens: "Tokens",
    reconnects: "Reconexiones",
  },

  errors: {
    invalid_request: "El relé no pudo leer esta solicitud.",
    unauthorized: "No ha iniciado sesión o su sesión ha caducado.",
    forbidden: "No puede usar este chat desde aquí.",
    not_found: "No se encontró el relé en esta dirección.",
    stream_not_found: "Esta respuesta ya no se conserva.",
    method_not_allowed: "El relé no entiende esta solicitud.",
    cursor_unknown: "Ya no se conoce el punto desde el que continuar.",
    payload_too_large: "La conversación es demasiado larga para enviarla. Empiece un chat nuevo.",
    unsupported_media_type: "El relé no entiende esta solicitud.",
    idempotency_key_reused: "Esta pregunta ya se hizo de otra forma. Hágala de nuevo.",
    rate_limited: "Ha enviado muchos mensajes en poco tiempo.",
    gateway_rejected: "La pasarela rechazó esta conversación.",
    gateway_auth_failed:
      "La pasarela no aceptó las credenciales del relé. Debe revisarlo un administrador.",
    gateway_rate_limited: "La pasarela ya responde a todas las preguntas que puede.",
    gateway_unavailable: "Ahora no se puede acceder a la pasarela.",
    gateway_timeout: "La pasarela tardó demasiado.",
    gateway_interrupted: "La respuesta se interrumpió antes de estar completa.",
    gateway_protocol_error: "La pasarela envió algo que no se pudo entender.",
    slow_consumer: "La conexión era demasiado lenta para la respuesta.",
    producer_lost: "El servidor que escribía esta respuesta ya no está.",
    overloaded: "Demasiadas personas preguntan a la vez.",
    relay_draining: "El servidor se está reiniciando.",
    internal_error: "Algo salió mal en el servidor.",
    network: "No se puede acceder al servidor.",
    headers: "No se pudo renovar su sesión.",
    timeout: "El servidor no respondió a tiempo.",
    stalled: "La conexión se ha quedado en silencio.",
    truncated: "La respuesta se interrumpió antes de estar completa.",
    protocol:
      "Lo que envió el servidor no es una respuesta. Puede que algo la haya cambiado por el camino.",
    aborted: "La solicitud se canceló.",
    tool: "No se pudo realizar un paso de la respuesta.",
  },
  tryAgain: "Puede servir intentarlo de nuevo.",
  pleaseWait: (seconds) =>
    `Espere ${seconds === 1 ? "un segundo" : `${number(seconds)} segundos`}, por favor.`,
  details: "Detalles",
  requestReference: (code, requestId) => `${code}, solicitud ${requestId}`,
};
