// With all three parameters: h3 takes a handler without `next` for done when it returns.
export default fromNodeMiddleware((request, response, next) =>
  relay().handler(request, response, next),
);
