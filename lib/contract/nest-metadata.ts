import 'reflect-metadata';

/* Where Nest's decorators keep what they say, and in which words. Its packages do not export them. */

/** The patterns of a handler, on the method (PATTERN_METADATA). */
export const PATTERNS = 'microservices:pattern';

/** Whether it is for calls or events, on the method (PATTERN_HANDLER_METADATA). */
export const HANDLER_TYPE = 'microservices:handler_type';

/** Its value of a handler of events (PatternHandler.EVENT). */
export const EVENT_HANDLER = 2;

/** The transport that it is for, on the method (TRANSPORT_METADATA). */
export const TRANSPORT = 'microservices:transport';

/** The decorated parameters of a method, on the class (PARAM_ARGS_METADATA). */
export const PARAMETERS = '__routeArguments__';

/** The payload among them (RpcParamtype.PAYLOAD). Their keys are `3:0`, with the index of the parameter behind the colon. */
export const PAYLOAD_PARAMETER = '3';
