import type { Labels } from "./labels.ts";

const number = (value: number): string => value.toLocaleString("fr");

export const labels: Labels = {
  newChat: "Nouveau chat",
  newChatBegun: "Nouveau chat.",
  conversations: "Conversations",
  download: "Télécharger",
  talkToPerson: "Parler à une personne",
  openChat: (unreadCount) =>
    unreadCount === 0
      ? "Ouvrir le chat"
      : `Ouvrir le chat, ${unreadCount === 1 ? "une nouvelle réponse" : `${unreadCount} nouvelles réponses`}`,
  closeChat: "Fermer le chat",
  disclaimer: "Les réponses sont écrites par une machine et peuvent être fausses.",

  conversation: "Conversation",
  you: "Vous",
  answer: "Réponse",
  latest: "Aller à la fin",
  showAll: "Tout afficher",
  showLess: "Afficher moins",
  greeting: "Posez une question.",

  copy: "Copier",
  copied: "Copié",
  cannotCopy: "Copie impossible",
  code: "Code",
  copyCode: "Copier le code",
  retry: "Redemander",
  continue: "Continuer",
  continueRequest: "Continue là où tu t’es arrêté, s’il te plaît.",
  edit: "Modifier",
  goodAnswer: "Bonne",
  badAnswer: "Mauvaise",
  previousBranch: "Version précédente",
  nextBranch: "Version suivante",
  actionOn: (action, isAnswer, count) => `${action}: ${isAnswer ? "réponse" : "message"} ${count}`,
  editMessage: "Modifier le message",
  sendAgain: "Renvoyer",
  cancel: "Annuler",

  message: "Message",
  placeholder: "Écrivez un message",
  send: "Envoyer",
  stop: "Arrêter",
  characters: (count, max) => `${number(count)} caractères sur ${number(max)}`,
  messageTooLong: (excess) =>
    `Le message n’a pas été envoyé : il a ${excess === 1 ? "un caractère" : `${number(excess)} caractères`} de trop.`,
  textTooLong: (count, max) =>
    `Ce texte a ${number(count)} caractères, et un message peut en avoir ${number(max)} : il n’a pas été inséré.`,
  waitingQuestions: "Questions en attente",
  removeQuestion: "Retirer",

  answering: "Réponse en cours…",
  thinking: "La réponse se prépare encore…",
  takesLonger: "Cela prend plus de temps que d’habitude.",
  queued: "La passerelle est occupée. Votre question attend son tour…",
  queuedAt: (position) =>
    position === 1
      ? "La passerelle est occupée. Votre question est la prochaine…"
      : `La passerelle est occupée. Votre question est en position ${number(position)}…`,
  reconnecting: "La connexion a été perdue. Reconnexion…",
  offline: "Il n’y a pas de réseau. La réponse reprendra à son retour…",
  resumed: "De nouveau connecté.",

  reasoningNow: "Réflexion en cours…",
  reasoningTime: (seconds) =>
    `Réflexion pendant ${seconds === 1 ? "une seconde" : `${number(seconds)} secondes`}`,
  reasoning: "Raisonnement",
  toolPreparing: "Préparation…",
  toolUnfinished: "Inachevé",
  toolRunning: "En cours…",
  toolDone: "Terminé",
  toolCalled: "Demandé",
  sources: "Références",
  image: (count) => `Illustration ${count}`,
  footnote: (name) => `Note ${name}`,
  backToText: "Retour au texte",

  stopped: "Arrêtée.",
  abandoned: "La réponse a été terminée, car personne ne la lisait.",
  lengthReached: "La réponse a atteint sa longueur maximale et est incomplète.",
  filtered: "Un filtre de contenu a mis fin à la réponse.",
  empty: "La réponse est vide.",

  inspector: {
    wire: "Connexion",
    events: "Événements",
    status: "État",
    firstToken: "Premier jeton",
    tokensPerSecond: "Jetons par seconde",
    tokens: "Jetons",
    reconnects: "Reconnexions",
  },

  errors: {
    invalid_request: "Le relais n’a pas pu lire cette demande.",
    unauthorized: "Vous n’êtes pas connecté, ou votre session a expiré.",
    forbidden: "Vous ne pouvez pas utiliser ce chat depuis cet endroit.",
    not_found: "Le relais est introuvable à cette adresse.",
    stream_not_found: "Cette réponse n’est plus conservée.",
    method_not_allowed: "Le relais ne comprend pas cette demande.",
    cursor_unknown: "L’endroit où reprendre n’est plus connu.",
    payload_too_large:
      "La conversation est devenue trop longue pour être envoyée. Commencez un nouveau chat.",
    unsupported_media_type: "Le relais ne comprend pas cette demande.",
    idempotency_key_reused:
      "Cette question a déjà été posée sous une autre forme. Posez-la de nouveau.",
    rate_limited: "Vous avez envoyé beaucoup de messages en peu de temps.",
    gateway_rejected: "La passerelle a refusé cette conversation.",
    gateway_auth_failed:
      "La passerelle n’a pas accepté les identifiants du relais. Un administrateur doit intervenir.",
    gateway_rate_limited: "La passerelle répond déjà à autant de questions qu’elle le peut.",
    gateway_unavailable: "La passerelle est injoignable pour le moment.",
    gateway_timeout: "La passerelle a mis trop de temps.",
    gateway_interrupted: "La réponse s’est interrompue avant d’être complète.",
    gateway_protocol_error: "La passerelle a envoyé quelque chose d’incompréhensible.",
    slow_consumer: "La connexion était trop lente pour suivre la réponse.",
    producer_lost: "Le serveur qui écrivait cette réponse a disparu.",
    overloaded: "Trop de personnes posent des questions en même temps.",
    relay_draining: "Le serveur redémarre.",
    internal_error: "Une erreur s’est produite sur le serveur.",
    network: "Le serveur est injoignable.",
    headers: "Votre session n’a pas pu être renouvelée.",
    timeout: "Le serveur n’a pas répondu à temps.",
    stalled: "La connexion est devenue muette.",
    truncated: "La réponse s’est interrompue avant d’être complète.",
    protocol:
      "Ce que le serveur a envoyé n’est pas une réponse. Quelque chose l’a peut-être modifié en chemin.",
    aborted: "La demande a été annulée.",
    tool: "Une étape de la réponse n’a pas pu être exécutée.",
  },
  tryAgain: "Un nouvel essai peut aider.",
  pleaseWait: (seconds) =>
    `Veuillez patienter ${seconds === 1 ? "une seconde" : `${number(seconds)} secondes`}.`,
  details: "Détails",
  requestReference: (code, requestId) => `${code}, demande ${requestId}`,
};
