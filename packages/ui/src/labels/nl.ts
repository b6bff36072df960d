import type { Labels } from "./labels.ts";

const number = (value: number): string => value.toLocaleString("nl");

export const labels: Labels = {
  newChat: "Nieuwe chat",
  newChatBegun: "Nieuwe chat.",
  conversations: "Gesprekken",
  download: "Downloaden",
  talkToPerson: "Met een mens praten",
  openChat: (unreadCount) =>
    unreadCount === 0
      ? "Chat openen"
      : `Chat openen, ${unreadCount === 1 ? "één nieuw antwoord" : `${unreadCount} nieuwe antwoorden`}`,
  closeChat: "Chat sluiten",
  disclaimer: "De antwoorden worden door een machine geschreven en kunnen fout zijn.",

  conversation: "Gesprek",
  you: "U",
  answer: "Antwoord",
  latest: "Naar het einde",
  showAll: "Alles tonen",
  showLess: "Minder tonen",
  greeting: "Stel een vraag.",

  copy: "Kopiëren",
  copied: "Gekopieerd",
  cannotCopy: "Kopiëren lukt niet",
  code: "Code",
  copyCode: "Code kopiëren",
  retry: "Opnieuw vragen",
  continue: "Doorgaan",
  continueRequest: "Ga alsjeblieft verder waar je gebleven was.",
  edit: "Bewerken",
  goodAnswer: "Goed",
  badAnswer: "Slecht",
  previousBranch: "Vorige versie",
  nextBranch: "Volgende versie",
  actionOn: (action, isAnswer, count) => `${action}: ${isAnswer ? "antwoord" : "bericht"} ${count}`,
  editMessage: "Bericht bewerken",
  sendAgain: "Opnieuw versturen",
  cancel: "Annuleren",

  message: "Bericht",
  placeholder: "Schrijf een bericht",
  send: "Versturen",
  stop: "Stoppen",
  characters: (count, max) => `${number(count)} van ${number(max)} tekens`,
  messageTooLong: (excess) =>
    `Het bericht is niet verstuurd: het is ${excess === 1 ? "één teken" : `${number(excess)} tekens`} te lang.`,
  textTooLong: (count, max) =>
    `Deze tekst heeft ${number(count)} tekens en een bericht mag er ${number(max)} hebben: hij is niet ingevoegd.`,
  waitingQuestions: "Wachtende vragen",
  removeQuestion: "Verwijderen",

  answering: "Het antwoord wordt geschreven…",
  thinking: "Er wordt nog aan het antwoord gewerkt…",
  takesLonger: "Dit duurt langer dan normaal.",
  queued: "De gateway is bezet. Uw vraag wacht op haar beurt…",
  queuedAt: (position) =>
    position === 1
      ? "De gateway is bezet. Uw vraag is als volgende aan de beurt…"
      : `De gateway is bezet. Uw vraag is nummer ${number(position)} in de rij…`,
  reconnecting: "De verbinding is verbroken. Opnieuw verbinden…",
  offline: "Er is geen netwerk. Het antwoord gaat verder zodra het er weer is…",
  resumed: "Weer verbonden.",

  reasoningNow: "Denkt na…",
  reasoningTime: (seconds) =>
    seconds === 1 ? "Een seconde nagedacht" : `${number(seconds)} seconden nagedacht`,
  reasoning: "Gedachtegang",
  toolPreparing: "Wordt voorbereid…",
  toolUnfinished: "Niet voltooid",
  toolRunning: "Bezig…",
  toolDone: "Klaar",
  toolCalled: "Aangeroepen",
  sources: "Bronnen",
  image: (count) => `Afbeelding ${count}`,
  footnote: (name) => `Voetnoot ${name}`,
  backToText: "Terug naar de tekst",

  stopped: "Gestopt.",
  abandoned: "Het antwoord is beëindigd omdat niemand het las.",
  lengthReached: "Het antwoord heeft zijn maximale lengte bereikt en is onvolledig.",
  filtered: "Een inhoudsfilter heeft het antwoord beëindigd.",
  empty: "Het antwoord is leeg.",

  inspector: {
    wire: "Verbinding",
    events: "Gebeurtenissen",
    status: "Toestand",
    firstToken: "Eerste token",
    tokensPerSecond: "Tokens per seconde",
    tokens: "Tokens",
    reconnects: "Herverbindingen",
  },

  errors: {
    invalid_request: "De relay kon dit verzoek niet lezen.",
    unauthorized: "U bent niet aangemeld, of uw aanmelding is verlopen.",
    forbidden: "U mag deze chat hier niet gebruiken.",
    not_found: "Op dit adres is geen relay gevonden.",
    stream_not_found: "Dit antwoord wordt niet meer bewaard.",
    method_not_allowed: "De relay begrijpt dit verzoek niet.",
    cursor_unknown: "De plaats om verder te gaan is niet meer bekend.",
    payload_too_large: "Het gesprek is te lang geworden om te versturen. Begin een nieuwe chat.",
    unsupported_media_type: "De relay begrijpt dit verzoek niet.",
    idempotency_key_reused: "Deze vraag is al in een andere vorm gesteld. Stel haar opnieuw.",
    rate_limited: "U hebt in korte tijd veel berichten verstuurd.",
    gateway_rejected: "De gateway heeft dit gesprek geweigerd.",
    gateway_auth_failed:
      "De gateway heeft de inloggegevens van de relay niet geaccepteerd. Een beheerder moet ernaar kijken.",
    gateway_rate_limited: "De gateway beantwoordt op dit moment zoveel vragen als mag.",
    gateway_unavailable: "De gateway is op dit moment niet bereikbaar.",
    gateway_timeout: "De gateway deed er te lang over.",
    gateway_interrupted: "Het antwoord brak af voordat het volledig was.",
    gateway_protocol_error: "De gateway stuurde iets dat niet te begrijpen was.",
    slow_consumer: "De verbinding was te traag voor het antwoord.",
    producer_lost: "De server die dit antwoord schreef, is er niet meer.",
    overloaded: "Te veel mensen stellen tegelijk vragen.",
    relay_draining: "De server wordt opnieuw gestart.",
    internal_error: "Er ging iets mis op de server.",
    network: "De server is niet bereikbaar.",
    headers: "Uw aanmelding kon niet worden vernieuwd.",
    timeout: "De server antwoordde niet op tijd.",
    stalled: "De verbinding is stilgevallen.",
    truncated: "Het antwoord brak af voordat het volledig was.",
    protocol:
      "Wat de server stuurde, is geen antwoord. Mogelijk heeft iets het onderweg veranderd.",
    aborted: "Het verzoek is ingetrokken.",
    tool: "Een stap van het antwoord kon niet worden uitgevoerd.",
  },
  tryAgain: "Opnieuw proberen kan helpen.",
  pleaseWait: (seconds) =>
    `Wacht alstublieft ${seconds === 1 ? "een seconde" : `${number(seconds)} seconden`}.`,
  details: "Details",
  requestReference: (code, requestId) => `${code}, verzoek ${requestId}`,
};
