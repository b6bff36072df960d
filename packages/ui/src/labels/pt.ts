import type { Labels } from "./labels.ts";

const number = (value: number): string => value.toLocaleString("pt");

export const labels: Labels = {
  newChat: "Novo chat",
  newChatBegun: "Novo chat.",
  conversations: "Conversas",
  download: "Baixar",
  talkToPerson: "Falar com uma pessoa",
  openChat: (unreadCount) =>
    unreadCount === 0
      ? "Abrir o chat"
      : `Abrir o chat, ${unreadCount === 1 ? "uma resposta nova" : `${unreadCount} respostas novas`}`,
  closeChat: "Fechar o chat",
  disclaimer: "As respostas são escritas por uma máquina e podem estar erradas.",

  conversation: "Conversa",
  you: "Você",
  answer: "Resposta",
  latest: "Ir para o fim",
  showAll: "Mostrar tudo",
  showLess: "Mostrar menos",
  greeting: "Faça uma pergunta.",

  copy: "Copiar",
  copied: "Copiado",
  cannotCopy: "Não é possível copiar",
  code: "Código",
  copyCode: "Copiar código",
  retry: "Perguntar de novo",
  continue: "Continuar",
  continueRequest: "Continue de onde você parou, por favor.",
  edit: "Editar",
  goodAnswer: "Boa",
  badAnswer: "Má",
  previousBranch: "Versão anterior",
  nextBranch: "Versão seguinte",
  actionOn: (action, isAnswer, count) =>
    `${action}: ${isAnswer ? "resposta" : "mensagem"} ${count}`,
  editMessage: "Editar a mensagem",
  sendAgain: "Enviar de novo",
  cancel: "Cancelar",

  message: "Mensagem",
  placeholder: "Escreva uma mensagem",
  send: "Enviar",
  stop: "Parar",
  characters: (count, max) => `${number(count)} de ${number(max)} caracteres`,
  messageTooLong: (excess) =>
    `A mensagem não foi enviada: tem ${excess === 1 ? "um caractere" : `${number(excess)} caracteres`} a mais.`,
  textTooLong: (count, max) =>
    `Este texto tem ${number(count)} caracteres e uma mensagem pode ter ${number(max)}: ele não foi inserido.`,
  waitingQuestions: "Perguntas em espera",
  removeQuestion: "Retirar",

  answering: "Escrevendo a resposta…",
  thinking: "A resposta ainda está em preparação…",
  takesLonger: "Está demorando mais do que o normal.",
  queued: "O gateway está ocupado. A pergunta aguarda a sua vez…",
  queuedAt: (position) =>
    position === 1
      ? "O gateway está ocupado. A pergunta é a próxima…"
      : `O gateway está ocupado. A pergunta está na posição ${number(position)}…`,
  reconnecting: "A conexão foi perdida. Reconectando…",
  offline: "Não há rede. A resposta continuará quando ela voltar…",
  resumed: "Conectado de novo.",

  reasoningNow: "Pensando…",
  reasoningTime: (seconds) =>
    `Pensou por ${seconds === 1 ? "um segundo" : `${number(seconds)} segundos`}`,
  reasoning: "Raciocínio",
  toolPreparing: "Preparando…",
  toolUnfinished: "Não concluído",
  toolRunning: "Em execução…",
  toolDone: "Concluído",
  toolCalled: "Solicitado",
  sources: "Fontes",
  image: (count) => `Imagem ${count}`,
  footnote: (name) => `Nota de rodapé ${name}`,
  backToText: "Voltar ao texto",

  stopped: "Parada.",
  abandoned: "A resposta foi encerrada porque ninguém a estava lendo.",
  lengthReached: "A resposta atingiu o tamanho máximo e está incompleta.",
  filtered: "Um filtro de conteúdo encerrou a resposta.",
  empty: "A resposta está vazia.",

  inspector: {
    wire: "Conexão",
    events: "Eventos",
    status: "Estado",
    firstToken: "Primeiro token",
    tokensPerSecond: "Tokens por segundo",
    tokens: "Tokens",
    reconnects: "Reconexões",
  },

  errors: {
    invalid_request: "O relay não conseguiu ler esta solicitação.",
    unauthorized: "Você não entrou na sua conta, ou a sua sessão expirou.",
    forbidden: "Você não pode usar este chat a partir daqui.",
    not_found: "O relay não foi encontrado neste endereço.",
    stream_not_found: "Esta resposta não é mais guardada.",
    method_not_allowed: "O relay não entende esta solicitação.",
    cursor_unknown: "O ponto de onde continuar não é mais conhecido.",
    payload_too_large: "A conversa ficou longa demais para ser enviada. Comece um novo chat.",
    unsupported_media_type: "O relay não entende esta solicitação.",
    idempotency_key_reused: "Esta pergunta já foi feita de outra forma. Pergunte de novo.",
    rate_limited: "Você enviou muitas mensagens em pouco tempo.",
    gateway_rejected: "O gateway recusou esta conversa.",
    gateway_auth_failed:
      "O gateway não aceitou as credenciais do relay. Um administrador precisa verificar.",
    gateway_rate_limited: "O gateway já está respondendo a todas as perguntas que pode.",
    gateway_unavailable: "O gateway não está acessível agora.",
    gateway_timeout: "O gateway demorou demais.",
    gateway_interrupted: "A resposta foi interrompida antes de ficar completa.",
    gateway_protocol_error: "O gateway enviou algo que não pôde ser entendido.",
    slow_consumer: "A conexão era lenta demais para a resposta.",
    producer_lost: "O servidor que escrevia esta resposta não existe mais.",
    overloaded: "Muitas pessoas estão perguntando ao mesmo tempo.",
    relay_draining: "O servidor está sendo reiniciado.",
    internal_error: "Algo deu errado no servidor.",
    network: "O servidor não está acessível.",
    headers: "Não foi possível renovar a sua sessão.",
    timeout: "O servidor não respondeu a tempo.",
    stalled: "A conexão ficou em silêncio.",
    truncated: "A resposta foi interrompida antes de ficar completa.",
    protocol: "O que o servidor enviou não é uma resposta. Algo pode tê-la alterado no caminho.",
    aborted: "A solicitação foi cancelada.",
    tool: "Não foi possível executar uma etapa da resposta.",
  },
  tryAgain: "Tentar de novo pode ajudar.",
  pleaseWait: (seconds) =>
    `Aguarde ${seconds === 1 ? "um segundo" : `${number(seconds)} segundos`}, por favor.`,
  details: "Detalhes",
  requestReference: (code, requestId) => `${code}, solicitação ${requestId}`,
};
