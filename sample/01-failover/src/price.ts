/** What a caller asks by the pattern `price`. */
export interface PriceRequest {
  readonly item: string;
}

/** The answer. It also says who gave it, because in this demo that is what one wants to see. */
export interface Price {
  readonly cents: number;
  readonly server: string;
  /** More than 1 if another server had the call before. */
  readonly attempt: number;
}
