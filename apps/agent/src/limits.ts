/** All limits of the agent. What is past one is refused or cut, and the model (or the person) is told. */
export const LIMITS = {
  /** Calls of the model in one turn. */
  stepsPerTurn: 200,
  /** Steps in a row in which the model sent nothing but malformed calls, or did exactly the same with the same outcome. */
  fruitlessSteps: 5,
  /** Tries of one model call, beside the first. */
  retries: 5,
  /** The longest wait that an endpoint may ask for, ms; if it wants more, the turn ends and says when to come back. */
  longestWaitMs: 60_000,
  /** First wait before a retry, ms; doubled each time. */
  firstWaitMs: 1_000,
  /** A model that sends nothing for this long has gone, ms. */
  modelSilenceMs: 180_000,
  /** Lines of one read. */
  readLines: 2_000,
  /** Characters of one read. */
  readChars: 48_000,
  /** Characters of one line of a read; the rest is cut. */
  lineChars: 1_000,
  /** A file larger than this is read in ranges only, bytes. */
  wholeReadBytes: 1024 * 1024,
  /** A file larger than this is not edited or written, bytes. */
  editBytes: 8 * 1024 * 1024,
  /** Entries of a listing. */
  listEntries: 300,
  /** Lines of a search. */
  searchLines: 120,
  /** Characters of a search. */
  searchChars: 16_000,
  searchMs: 30_000,
  /** Characters of a command's output that the model sees from its beginning and its end; the whole is in a file. */
  outputHead: 6_000,
  outputTail: 12_000,
  /** Bytes of one command's output that are kept in its file. */
  outputFileBytes: 32 * 1024 * 1024,
  /** How long a command may take, seconds: by default, and at most. */
  commandSeconds: 120,
  longestCommandSeconds: 1_200,
  /** Characters of an answer of an MCP server. */
  mcpChars: 24_000,
  mcpConnectMs: 15_000,
  mcpCallMs: 300_000,
  /** A call that waits for a person: the longest that a timer takes. */
  mcpPersonMs: 2 ** 31 - 1,
  /** Tools of all MCP servers together. */
  mcpTools: 200,
  /** Characters of the project's own instructions, all files together. */
  instructionChars: 32_000,
  /** Reads that run side by side. */
  parallelReads: 8,
  /** Part of the context window past which the conversation is summarised. */
  compactAt: 0.8,
  /** Part of the window that the newest messages may take which are kept beside a summary. */
  keptAfterCompaction: 0.1,
  /** The largest picture that is given to a model, bytes. */
  pictureBytes: 5 * 1024 * 1024,
  /** How long a session that nobody goes on with is kept, ms. */
  sessionKeptMs: 60 * 24 * 60 * 60_000,
} as const
