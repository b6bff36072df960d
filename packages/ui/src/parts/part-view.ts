/** Where a part of an answer stands. */
export interface PartState {
  /** Whether more of this part may come. */
  readonly isLive: boolean;
  /** Whether the page calls the tools of the answer now. */
  readonly isCalling: boolean;
  /** Whether the page has seen it begin: not one that was saved, or resumed after a reload. */
  readonly isSeenFromStart: boolean;
}

/** One part of an answer on the page. */
export interface PartView<Part> {
  readonly element: HTMLElement;
  /** Called when the part or its state may be another one. */
  update(part: Part, state: PartState): void;
  close(): void;
}
