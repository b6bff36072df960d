import type { Labels } from "./labels.ts";

const number = (value: number): string => value.toLocaleString("it");

export const labels: Labels = {
  newChat: "Nuova chat",
  newChatBegun: "Nuova chat.",
  conversations: "Conversazioni",
  download: "Scarica",
  talkToPerson: "Parla con una persona",
  openChat: (unreadCount) =>
    unreadCount === 0
      ? "Apri la chat"
      : `Apri la chat, ${unreadCount === 1 ? "una nuova risposta" : `${unreadCount} nuove risposte`}`,
  closeChat: "Chiudi la chat",
  disclaimer: "Le risposte sono scritte da una macchina e possono essere sbagliate.",

  conversation: "Conversazione",
  you: "Lei",
  answer: "Risposta",
  latest: "Vai alla fine",
  showAll: "Mostra tutto",
  showLess: "Mostra meno",
  greeting: "Faccia una domanda.",

  copy: "Copia",
  copied: "Copiato",
  cannotCopy: "Impossibile copiare",
  code: "Codice",
  copyCode: "Copia il codice",
  retry: "Chiedi di nuovo",
  continue: "Continua",
  continueRequest: "Continua da dove ti sei fermato, per favore.",
  edit: "Modifica",
  goodAnswer: "Buona",
  badAnswer: "Non buona",
  previousBranch: "Versione precedente",
  nextBranch: "Versione successiva",
  actionOn: (action, isAnswer, count) =>
    `${action}: ${isAnswer ? "risposta" : "messaggio"} ${count}`,
  editMessage: "Modifica il messaggio",
  sendAgain: "Invia di nuovo",
  cancel: "Annulla",

  message: "Messaggio",
  placeholder: "Scriva un messaggio",
  send: "Invia",
  stop: "Ferma",
  characters: (count, max) => `${number(count)} di ${number(max)} caratteri`,
  messageTooLong: (excess) =>
    `Il messaggio non è stato inviato: ha ${excess === 1 ? "un carattere" : `${number(excess)} caratteri`} di troppo.`,
  textTooLong: (count, max) =>
    `Questo testo ha ${number(count)} caratteri e un messaggio può averne ${number(max)}: non è stato inserito.`,
  waitingQuestions: "Domande in attesa",
  removeQuestion: "Rimuovi",

  answering: "Risposta in corso…",
  thinking: "La risposta è ancora in preparazione…",
  takesLonger: "Ci vuole più tempo del solito.",
  queued: "Il gateway è occupato. La domanda attende il suo turno…",
  queuedAt: (position) =>
    position === 1
      ? "Il gateway è occupato. La domanda è la prossima…"
      : `Il gateway è occupato. La domanda è in posizione ${number(position)}…`,
  reconnecting: "La connessione si è interrotta. Riconnessione in corso…",
  offline: "Non c’è rete. La risposta continuerà al suo ritorno…",
  resumed: "Di nuovo connesso.",

  reasoningNow: "Sta pensando…",
  reasoningTime: (seconds) =>
    `Ha pensato per ${seconds === 1 ? "un secondo" : `${number(seconds)} secondi`}`,
  reasoning: "Ragionamento",
  toolPreparing: "Preparazione…",
  toolUnfinished: "Non terminato",
  toolRunning: "In corso…",
  toolDone: "Fatto",
  toolCalled: "Richiesto",
  sources: "Fonti",
  image: (count) => `Immagine ${count}`,
  footnote: (name) => `Nota ${name}`,
  backToText: "Torna al testo",

  stopped: "Fermata.",
  abandoned: "La risposta è stata terminata perché nessuno la leggeva.",
  lengthReached: "La risposta ha raggiunto la lunghezza massima ed è incompleta.",
  filtered: "Un filtro dei contenuti ha terminato la risposta.",
  empty: "La risposta è vuota.",

  inspector: {
    wire: "Connessione",
    events: "Eventi",
    status: "Stato",
    firstToken: "Primo token",
    tokensPerSecond: "Token al secondo",
    tokens: "Token",
    reconnects: "Riconnessioni",
  },

  errors: {
    invalid_request: "Il relay non è riuscito a leggere questa richiesta.",
    unauthorized: "Non ha effettuato l’accesso, oppure l’accesso è scaduto.",
    forbidden: "Non può usare questa chat da qui.",
    not_found: "A questo indirizzo non c’è alcun relay.",
    stream_not_found: "Questa risposta non è più conservata.",
    method_not_allowed: "Il relay non capisce questa richiesta.",
    cursor_unknown: "Il punto da cui continuare non è più noto.",
    payload_too_large:
      "La conversazione è diventata troppo lunga da inviare. Inizi una nuova chat.",
    unsupported_media_type: "Il relay non capisce questa richiesta.",
    idempotency_key_reused: "Questa domanda è già stata fatta in altra forma. La ripeta.",
    rate_limited: "Ha inviato molti messaggi in poco tempo.",
    gateway_rejected: "Il gateway ha rifiutato questa conversazione.",
    gateway_auth_failed:
      "Il gateway non ha accettato le credenziali del relay. Deve intervenire un amministratore.",
    gateway_rate_limited: "Il gateway sta già rispondendo a tutte le domande che può.",
    gateway_unavailable: "Al momento il gateway non è raggiungibile.",
    gateway_timeout: "Il gateway ha impiegato troppo tempo.",
    gateway_interrupted: "La risposta si è interrotta prima di essere completa.",
    gateway_protocol_error: "Il gateway ha inviato qualcosa di incomprensibile.",
    slow_consumer: "La connessione era troppo lenta per la risposta.",
    producer_lost: "Il server che scriveva questa risposta non c’è più.",
    overloaded: "Troppe persone fanno domande allo stesso tempo.",
    relay_draining: "Il server si sta riavviando.",
    internal_error: "Qualcosa è andato storto sul server.",
    network: "Il server non è raggiungibile.",
    headers: "Non è stato possibile rinnovare l’accesso.",
    timeout: "Il server non ha risposto in tempo.",
    stalled: "La connessione è diventata silenziosa.",
    truncated: "La risposta si è interrotta prima di essere completa.",
    protocol:
      "Ciò che il server ha inviato non è una risposta. Forse qualcosa l’ha modificato lungo il percorso.",
    aborted: "La richiesta è stata annullata.",
    tool: "Non è stato possibile eseguire un passaggio della risposta.",
  },
  tryAgain: "Può essere utile riprovare.",
  pleaseWait: (seconds) =>
    `Attenda ${seconds === 1 ? "un secondo" : `${number(seconds)} secondi`}, per favore.`,
  details: "Dettagli",
  requestReference: (code, requestId) => `${code}, richiesta ${requestId}`,
};
