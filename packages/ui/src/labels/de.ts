import type { Labels } from "./labels.ts";

const number = (value: number): string => value.toLocaleString("de");

export const labels: Labels = {
  newChat: "Neuer Chat",
  newChatBegun: "Neuer Chat.",
  conversations: "Gespräche",
  download: "Herunterladen",
  talkToPerson: "Mit einem Menschen sprechen",
  openChat: (unreadCount) =>
    unreadCount === 0
      ? "Chat öffnen"
      : `Chat öffnen, ${unreadCount === 1 ? "eine neue Antwort" : `${unreadCount} neue Antworten`}`,
  closeChat: "Chat schließen",
  disclaimer: "Die Antworten schreibt eine Maschine, und sie können falsch sein.",

  conversation: "Gespräch",
  you: "Sie",
  answer: "Antwort",
  latest: "Zum Ende",
  showAll: "Alles zeigen",
  showLess: "Weniger zeigen",
  greeting: "Stellen Sie eine Frage.",

  copy: "Kopieren",
  copied: "Kopiert",
  cannotCopy: "Kopieren nicht möglich",
  code: "Code",
  copyCode: "Code kopieren",
  retry: "Noch einmal fragen",
  continue: "Fortsetzen",
  continueRequest: "Bitte mach dort weiter, wo du aufgehört hast.",
  edit: "Bearbeiten",
  goodAnswer: "Gut",
  badAnswer: "Schlecht",
  previousBranch: "Vorige Fassung",
  nextBranch: "Nächste Fassung",
  actionOn: (action, isAnswer, count) =>
    `${action}: ${isAnswer ? "Antwort" : "Nachricht"} ${count}`,
  editMessage: "Nachricht bearbeiten",
  sendAgain: "Noch einmal senden",
  cancel: "Abbrechen",

  message: "Nachricht",
  placeholder: "Nachricht schreiben",
  send: "Senden",
  stop: "Anhalten",
  characters: (count, max) => `${number(count)} von ${number(max)} Zeichen`,
  messageTooLong: (excess) =>
    `Die Nachricht wurde nicht gesendet: Sie ist um ${excess === 1 ? "ein" : number(excess)} Zeichen zu lang.`,
  textTooLong: (count, max) =>
    `Dieser Text hat ${number(count)} Zeichen, eine Nachricht höchstens ${number(max)}: Er wurde nicht eingefügt.`,
  waitingQuestions: "Wartende Fragen",
  removeQuestion: "Entfernen",

  answering: "Die Antwort wird geschrieben…",
  thinking: "Die Antwort ist noch in Arbeit…",
  takesLonger: "Das dauert länger als gewöhnlich.",
  queued: "Das Gateway ist ausgelastet. Ihre Frage wartet…",
  queuedAt: (position) =>
    position === 1
      ? "Das Gateway ist ausgelastet. Ihre Frage ist als Nächste an der Reihe…"
      : `Das Gateway ist ausgelastet. Ihre Frage ist Nummer ${number(position)} in der Warteschlange…`,
  reconnecting: "Die Verbindung ist abgebrochen. Sie wird neu aufgebaut…",
  offline: "Es gibt kein Netz. Die Antwort geht weiter, sobald es wieder da ist…",
  resumed: "Wieder verbunden.",

  reasoningNow: "Denkt nach…",
  reasoningTime: (seconds) =>
    seconds === 1 ? "Eine Sekunde nachgedacht" : `${number(seconds)} Sekunden nachgedacht`,
  reasoning: "Gedankengang",
  toolPreparing: "Wird vorbereitet…",
  toolUnfinished: "Nicht abgeschlossen",
  toolRunning: "Läuft…",
  toolDone: "Erledigt",
  toolCalled: "Aufgerufen",
  sources: "Quellen",
  image: (count) => `Bild ${count}`,
  footnote: (name) => `Fußnote ${name}`,
  backToText: "Zurück zum Text",

  stopped: "Angehalten.",
  abandoned: "Die Antwort wurde beendet, weil niemand sie gelesen hat.",
  lengthReached: "Die Antwort hat ihre Höchstlänge erreicht und ist unvollständig.",
  filtered: "Ein Inhaltsfilter hat die Antwort beendet.",
  empty: "Die Antwort ist leer.",

  inspector: {
    wire: "Leitung",
    events: "Ereignisse",
    status: "Zustand",
    firstToken: "Erstes Token",
    tokensPerSecond: "Tokens je Sekunde",
    tokens: "Tokens",
    reconnects: "Neue Verbindungen",
  },

  errors: {
    invalid_request: "Das Relay konnte diese Anfrage nicht lesen.",
    unauthorized: "Sie sind nicht angemeldet, oder Ihre Anmeldung ist abgelaufen.",
    forbidden: "Von hier aus dürfen Sie diesen Chat nicht benutzen.",
    not_found: "Unter dieser Adresse ist kein Relay.",
    stream_not_found: "Diese Antwort wird nicht mehr aufbewahrt.",
    method_not_allowed: "Das Relay versteht diese Anfrage nicht.",
    cursor_unknown: "Die Stelle, an der es weitergehen soll, ist nicht mehr bekannt.",
    payload_too_large: "Das Gespräch ist zu lang geworden. Beginnen Sie einen neuen Chat.",
    unsupported_media_type: "Das Relay versteht diese Anfrage nicht.",
    idempotency_key_reused:
      "Diese Frage wurde schon in anderer Form gestellt. Stellen Sie sie noch einmal.",
    rate_limited: "Sie haben in kurzer Zeit viele Nachrichten gesendet.",
    gateway_rejected: "Das Gateway hat dieses Gespräch abgelehnt.",
    gateway_auth_failed:
      "Das Gateway hat die Zugangsdaten des Relays nicht angenommen. Darum muss sich der Betrieb kümmern.",
    gateway_rate_limited: "Das Gateway beantwortet gerade so viele Fragen, wie es darf.",
    gateway_unavailable: "Das Gateway ist gerade nicht erreichbar.",
    gateway_timeout: "Das Gateway hat zu lange gebraucht.",
    gateway_interrupted: "Die Antwort ist abgebrochen, bevor sie vollständig war.",
    gateway_protocol_error: "Das Gateway hat etwas gesendet, das nicht zu verstehen war.",
    slow_consumer: "Die Verbindung war zu langsam für die Antwort.",
    producer_lost: "Den Server, der diese Antwort schrieb, gibt es nicht mehr.",
    overloaded: "Gerade fragen zu viele Menschen zugleich.",
    relay_draining: "Der Server wird neu gestartet.",
    internal_error: "Auf dem Server ist etwas schiefgegangen.",
    network: "Der Server ist nicht erreichbar.",
    headers: "Ihre Anmeldung konnte nicht erneuert werden.",
    timeout: "Der Server hat nicht rechtzeitig geantwortet.",
    stalled: "Auf der Verbindung kommt nichts mehr.",
    truncated: "Die Antwort ist abgebrochen, bevor sie vollständig war.",
    protocol:
      "Der Server hat etwas anderes als eine Antwort geschickt. Vielleicht wurde sie unterwegs verändert.",
    aborted: "Die Anfrage wurde zurückgezogen.",
    tool: "Ein Schritt der Antwort konnte nicht ausgeführt werden.",
  },
  tryAgain: "Ein neuer Versuch kann helfen.",
  pleaseWait: (seconds) =>
    `Bitte warten Sie ${seconds === 1 ? "eine Sekunde" : `${number(seconds)} Sekunden`}.`,
  details: "Einzelheiten",
  requestReference: (code, requestId) => `${code}, Anfrage ${requestId}`,
};
