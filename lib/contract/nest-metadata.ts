import 'reflect-metadata';

/* The keys under which Nest's decorators keep what they say. Its packages do not export them. */

/** The patterns of a handler, on the method (PATTERN_METADATA). */
export const PATTERNS = 'microservices:pattern';

/** Whether it is for calls or events, on the method (PATTERN_HANDLER_METADATA). */
export const HANDLER_TYPE = 'microservices:handler_type';

/** The transport that it is for, on the method (TRANSPORT_METADATA). */
export const TRANSPORT = 'microservices:transport';

/** The decorated parameters of a method, on the class (PARAM_ARGS_METADATA). */
export const PARAMETERS = '__routeArguments__';
