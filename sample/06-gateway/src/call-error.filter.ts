import { type ArgumentsHost, Catch, HttpException } from '@nestjs/common';
import { BaseExceptionFilter } from '@nestjs/core';
import { FreelanceError } from 'nestjs-freelance';
import { ContractError } from 'nestjs-freelance/contract';
import { orders } from './contracts.js';
import { answerFor } from './status.js';

/** Answers a request whose call has failed. */
@Catch()
export class CallErrorFilter extends BaseExceptionFilter {
  override catch(error: unknown, host: ArgumentsHost): void {
    super.catch(asHttp(error), host);
  }
}

function asHttp(error: unknown): unknown {
  if (error instanceof FreelanceError) {
    const { statusCode, message } = answerFor(error);
    return new HttpException(message, statusCode, { cause: error });
  }
  // What another service finds wrong with a payload is not the client's fault, but that of the service that sent it.
  if (error instanceof ContractError && isClientsFault(error)) {
    return new HttpException({ message: error.message, issues: error.issues }, 400);
  }
  if (error instanceof Error) return error; // the gateway's own
  // A handler's new RpcException({ statusCode: 402, message: 'No funds' }) arrives as that object.
  const { statusCode, message } = Object(error) as { statusCode?: unknown; message?: unknown };
  return typeof statusCode === 'number' && typeof message === 'string'
    ? new HttpException(message, statusCode)
    : error;
}

function isClientsFault({ code, contract }: ContractError): boolean {
  return code === 'INVALID_PAYLOAD' && contract === orders.name;
}
