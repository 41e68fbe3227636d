/** Limits of the domain, one place, each enforced with a refusal or a validation error that names it. */
export const LIMITS = {
  /** Largest event payload, bytes of canonical JSON (EV-8). */
  eventBytes: 64 * 1024,
  /** Levels of objects and lists in one another in a command's or an event's data. */
  payloadDepth: 64,
  /** Largest message text, UTF-8 bytes: leaves room for the envelope. */
  messageBytes: 48 * 1024,
  /** Most files that go with one message. */
  attachments: 20,
  /** Largest file that goes with a message, bytes. */
  blobBytes: 64 * 1024 * 1024,
  /** Longest setup script of a repository that is run, characters; and scripts whose trust a workspace remembers. */
  setupScriptChars: 20_000,
  trustedScripts: 100,
  /** Longest system prompt of a bot, characters. */
  botPromptChars: 10_000,
  /** Sessions that one prompt begins side by side. */
  groupSessions: 5,
  /** Most messages that can wait in one session's queue. */
  queuedMessages: 100,
  /** Longest session or workspace name, characters. */
  nameChars: 200,
  /** Delivered messages, the newest, that a session can be rewound to, or that can be struck. */
  deliveredMessages: 100,
  /** Actions of a session (questions, plans, tickets) that wait for people at a time. */
  openActions: 20,
  /** Answers that a question can offer. */
  questionOptions: 10,
  /** Steps of a plan that an agent proposes. */
  planSteps: 50,
  /** Largest question, plan or ticket, bytes of JSON: leaves room for the event around it. */
  actionBytes: 48 * 1024,
  /** Longest description of a plan or ticket that an agent proposes, characters. */
  actionTextChars: 12_000,
  /** Longest reason given with a rejection, characters. */
  reasonChars: 4_000,
  /** Open sessions that one conflicts with, and files of each, that are named; sessions that are tried after a checkpoint. */
  conflictSessions: 10,
  conflictFiles: 10,
  conflictTrials: 50,
  /** Comments on the changes of one session; past it the oldest resolved thread makes room, and where none is resolved, it is refused. */
  comments: 200,
  /** One comment, the lines that it quotes and those around them that are kept to find them again, and each of these, characters. */
  commentChars: 8_000,
  commentQuoteLines: 40,
  commentContextLines: 3,
  commentLineChars: 400,
  /** Tasks of a workspace; the script of one and the value of a variable, characters; variables of one. */
  workspaceTasks: 50,
  taskScriptChars: 4_000,
  taskVariableChars: 1_000,
  taskVariables: 20,
  /** Tasks and terminals that run in one session. */
  runningProcesses: 20,
  /** Uploads from editors that wait to be confirmed in one session, and files of one that are named. */
  waitingUploads: 5,
  uploadPathsShown: 200,
  /** Hooks of one event of a workspace; attempts after the first, and seconds that one attempt may take; patterns of a filter. */
  hooksPerEvent: 20,
  hookRetries: 10,
  hookTimeoutSeconds: 3_600,
  hookPatterns: 50,
  /** Turns in a row that hooks may begin before a session waits for a person. */
  hookTurns: 3,
  /** Times that failed hooks of a Complete may give the session back to its agent. */
  doneRetries: 3,
  /** Failures in a row, over at least so many sessions, that switch a hook off; and for how long, ms. */
  hookFailures: 5,
  hookFailureSessions: 2,
  hookOffMs: 10 * 60_000,
  /** Runners that may work for one workspace. */
  workspaceRunners: 16,
  /** Most git operations that can wait in one session. */
  waitingOperations: 20,
  /** Most paths in one git operation; more is a job for "all". */
  operationPaths: 1_000,
  /** Lines of a file that are staged, unstaged or discarded by themselves, characters of their diff; more is a job for the whole file. */
  hunkChars: 40_000,
  /** Most changed files listed in one checkpoint event; the counts cover the rest. */
  checkpointFiles: 200,
  /** Changed files named in a session's row, which every replica has of every session; the counts cover the rest. */
  rowFiles: 40,
  /** Tool output kept in the event itself, characters; the run's transcript holds all of it. */
  toolOutputChars: 12_000,
  /** What an agent may say in one turn, and what of one tool's output is streamed and recorded, UTF-16 units. */
  turnTextChars: 2 * 1024 * 1024,
  toolStreamChars: 2 * 1024 * 1024,
  /** Ignored files that a new worktree gets a copy of: patterns, files, and bytes of all together. */
  copiedPatterns: 50,
  copiedFiles: 200,
  copiedBytes: 64 * 1024 * 1024,
  /** Settled approvals whose outcome a late answer is told (D-5). */
  settledApprovals: 50,
  /** One secret of a workspace or runner, UTF-8 bytes; its name; and how many there may be. */
  secretBytes: 8 * 1024,
  secretNameChars: 100,
  secrets: 100,
  /** Lasting permission rules of one session, and of one workspace. */
  sessionRules: 100,
  /** Longest pattern of a lasting rule, characters. */
  rulePatternChars: 300,
} as const
