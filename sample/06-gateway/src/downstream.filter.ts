import { Catch, type RpcExceptionFilter } from '@nestjs/common';
import { FreelanceError } from 'nestjs-freelance';
import { type Observable, throwError } from 'rxjs';
import { answerFor } from './status.js';

/** Tells the gateway that a call of this service has failed. Without it, the gateway gets `Internal server error`. */
@Catch(FreelanceError)
export class DownstreamFilter implements RpcExceptionFilter<FreelanceError> {
  catch(error: FreelanceError): Observable<never> {
    return throwError(() => answerFor(error));
  }
}
