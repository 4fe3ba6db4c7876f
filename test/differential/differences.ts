/** One way in which Parley deals otherwise than ADK for TypeScript does. */
export interface Difference {
  readonly title: string;
  /** Cases of docs/conformance.md that ask for what Parley does; empty where `why` has to do. */
  readonly cases: readonly string[];
  /** What `@google/adk` does. */
  readonly adk: string;
  readonly parley: string;
  readonly why: string;
}

/** `@google/adk` for which the list was measured. */
export const ADK_VERSION = '2.0.0';

/** By number, from 1. docs/adk-differences.md is written from this. */
export const DIFFERENCES: readonly Difference[] = [
  {
    title: 'What the user sends is part of the session',
    cases: ['C3'],
    adk: 'Text, and the late result of a long-running tool, are passed on to the model and forgotten: the session has no event of them.',
    parley: 'A user event is stored, exactly once. As in ADK for Python it is not yielded.',
    why: 'A history with one of its two voices missing is of no use to a later run, or to another agent.',
  },
  {
    title: 'History tells what was said',
    cases: ['E15', 'E16', 'G2'],
    adk: "A new connection is told of the model's text and of tool calls, not of anything spoken by either side nor of anything typed. An agent that takes over does not know what the user wants.",
    parley:
      'Transcriptions of both sides and typed text are history. What an agent said or did is told as context in one content of the user, as in ADK for Python. After a transfer the words of the user that nobody has answered are said to the new agent again; in a sequence, and where there are none, it is told to go on.',
    why: 'Live conversations are spoken, and the next agent has to answer the question that was asked, or to begin its own step, without being spoken to.',
  },
  {
    title: 'What was heard is finished before a tool is called',
    cases: ['C4', 'H5'],
    adk: 'A transcription that is still open when an agent hands over is never finished and so never stored.',
    parley: 'It is finished and stored before the call.',
    why: 'The session keeps the order in which things were said and done.',
  },
  {
    title: 'Each part is an event of its own',
    cases: ['B5'],
    adk: 'A message of several parts is one event, marked as partial when any of them is text; where the server leaves out the role, so does the event.',
    parley: 'Each part is an event, in order, with the role `model`. Sound is never marked as partial.',
    why: 'A client plays sound and shows text; it should not have to take events apart.',
  },
  {
    title: 'Output tokens go by both names',
    cases: ['B6'],
    adk: 'Usage is passed on raw, with `responseTokenCount` and without the `candidatesTokenCount` that its own type promises.',
    parley: 'Both are there, with the same number; the details by modality likewise.',
    why: 'Code for ADK reads the one, code for the Live API the other.',
  },
  {
    title: 'Grounding alone is told at once',
    cases: ['B7'],
    adk: 'Grounding without text is dropped until the turn is complete.',
    parley:
      'Grounding alone is an event at once, and again with the end of the turn. (Beside text it is on the text, on both sides.)',
    why: 'A client shows sources as soon as they are known.',
  },
  {
    title: 'The reason for which a turn ended',
    cases: ['B8'],
    adk: '`turnCompleteReason` is dropped: a rejected answer looks like a finished one.',
    parley: 'It is on the event that ends the turn, as in ADK for Python.',
    why: 'The client has to know that an answer was cut off.',
  },
  {
    title: "The run's metadata",
    cases: ['B9'],
    adk: '`runLive` has no `customMetadata`; in the RunConfig it is ignored.',
    parley: "It is on every event, beneath the event's own, as in ADK for Python.",
    why: 'It ties events to what the caller knows.',
  },
  {
    title: 'Voice activity',
    cases: ['B10'],
    adk: "The model's reports of speech beginning and ending are dropped.",
    parley: 'They are events of the user, as in ADK for Python.',
    why: 'Applications show them, and measure by them.',
  },
  {
    title: 'An interruption is told once, whatever is pending',
    cases: ['B13', 'B14'],
    adk: 'When text is pending the interruption is not told at all; when it comes together with the end of the turn it is told twice, the second time after that end.',
    parley:
      'Exactly one event has `interrupted`, together with `turnComplete` when both come in one message.',
    why: 'A player that is not told goes on playing.',
  },
  {
    title: 'Tools start when they are called',
    cases: ['F1'],
    adk: 'On all models but `gemini-3.*-flash-live` calls are held back until `turnComplete`. A model that waits for the result before it ends its turn waits for ever.',
    parley: 'A tool starts with the call, on every model.',
    why: 'Nothing is won by waiting, and a call can be lost.',
  },
  {
    title: 'Tools of one message run at the same time',
    cases: ['F2'],
    adk: 'One after the other.',
    parley: 'At the same time, answered together and in order, as in ADK for Python.',
    why: 'The caller hears silence while tools run.',
  },
  {
    title: 'Tools do not hold up the conversation',
    cases: ['F3'],
    adk: 'Nothing that the model sends is read while a tool runs: an interruption is told after it.',
    parley: 'Tools run beside the conversation; an interruption is told at once.',
    why: 'The user talks over a slow tool, too.',
  },
  {
    title: 'What the model is told of a result',
    cases: ['F4', 'F6'],
    adk: "A list becomes `{results: […]}`, nothing becomes `{}`, and an error says `Error in tool 'name': …`.",
    parley:
      'Whatever is no object becomes `{result: …}`, nothing `{result: null}`, and an error is its message.',
    why: 'One form for all, which is the one of ADK for Python.',
  },
  {
    title: 'A tool that does not exist',
    cases: ['F5'],
    adk: 'The run throws.',
    parley: 'The model is told which tools there are, and the run goes on.',
    why: 'Models invent names; a call should not end by it.',
  },
  {
    title: 'Ids that the runtime made are its own',
    cases: ['A9'],
    adk: 'A call without an id gets one (`adk-…`), and the model is answered under it.',
    parley: 'The events have such an id, the model never sees it.',
    why: 'The model does not know it.',
  },
  {
    title: 'Calls that the model takes back',
    cases: ['B15', 'F17'],
    adk: '`toolCallCancellation` is ignored: the tool goes on, and is answered for.',
    parley: 'The tool is aborted, nothing is answered, and an event names the ids.',
    why: 'After a barge-in the result is no longer wanted, and the side effect perhaps neither.',
  },
  {
    title: 'Streaming tools',
    cases: ['F9', 'F10'],
    adk: 'An async generator is not run; the model is answered with `{}`.',
    parley:
      'The model is answered at once that results are pending, and is told every yield: as a function response where it takes several, else as text. Each is an event.',
    why: 'They are part of ADK live, and work in ADK for Python.',
  },
  {
    title: 'A transfer to nobody',
    cases: ['G5'],
    adk: 'The connection is closed and the run ends without a word.',
    parley: 'The model is told which agents there are, and goes on.',
    why: 'As with tools that do not exist.',
  },
  {
    title: 'The end of an agent',
    cases: ['G7'],
    adk: "`task_completed` is there for a SequentialAgent's agents; a LoopAgent's can not say that they are done. Its response is like any other's.",
    parley:
      "Agents of a loop have it, too, and its response has `endOfAgent` among its actions: ADK's own field, which says that the agent is done and which ADK's live tool leaves unset.",
    why: 'A live agent of a loop could not end its round without it, and a client sees why the voice changes.',
  },
  {
    title: 'Resumption handles are sealed',
    cases: ['B12'],
    adk: 'The handle of the model is in the events and in the session, in clear. An update without one is an empty object.',
    parley:
      'Events have it sealed, or not at all where there is no seal; an update without one says `resumable: false`.',
    why: 'Who has the handle has the conversation.',
  },
  {
    title: 'What a run asks for by default',
    cases: ['D4', 'D5', 'D7', 'E4'],
    adk: 'No transcriptions (unless there are sub-agents), no resumption in the first set-up, `enableAffectiveDialog: false` always, and an error for `streamingMode: bidi`.',
    parley:
      'Both transcriptions and resumption, as in ADK for Python; affective dialog only when it is asked for; the streaming mode is accepted and of no effect.',
    why: 'A conversation should be kept and be kept up without asking, and 3.x models refuse the field.',
  },
  {
    title: 'A connection that is lost, with a handle',
    cases: ['E5', 'E7'],
    adk: 'A close with 1000, with 1011 and a connection that breaks all end the run as if it were over; `goAway` resumes with whatever handle there is.',
    parley:
      'The run goes on, on a new connection that resumes the session; with a handle from before a turn that has ended since, a new session is told the history instead.',
    why: 'Servers close connections in the midst of conversations.',
  },
  {
    title: 'A connection that is lost, without a handle',
    cases: ['E8'],
    adk: 'A close ends the run silently; `goAway` throws an internal signal at the caller.',
    parley: 'A new session is told the history, and an event says so.',
    why: 'What was said is known here; the user need not say it again.',
  },
  {
    title: 'Any number of connections',
    cases: ['E10'],
    adk: 'The sixth `goAway` of a run throws, however long the connections lasted.',
    parley: 'Reconnections that succeed are not counted against later ones.',
    why: 'A connection lasts ten minutes: a run would last one hour.',
  },
  {
    title: 'A run that fails ends, and says why',
    cases: ['E2', 'E17', 'E18'],
    adk: 'A set-up that the server refuses is waited for without end, an abort is noticed with the next message only, and a close with 1007 is a normal end.',
    parley:
      'A refusal and a lost cause are an event with `errorCode`, `errorMessage` and the close code; what kept a run from beginning is thrown as well. An abort ends the run at once.',
    why: 'What hangs holds a place, and a wrong configuration should not look like a goodbye.',
  },
  {
    title: 'What 3.x models take',
    cases: ['A5', 'A6'],
    adk: '`gemini-3.8-live` is sent `mediaChunks`, on which its servers close; text of several parts becomes history on `gemini-3.1`, and is not answered.',
    parley: 'Sound and pictures go by the fields for them on every model; text of several parts is joined.',
    why: 'The user is to be heard.',
  },
  {
    title: 'What can not be sent is refused',
    cases: ['A7', 'A8'],
    adk: 'Media of an unknown type disappear, or are sent, by model; a function call of the user is sent to the model.',
    parley: 'Either is refused with an error, and the run goes on.',
    why: 'Who sends it has to know.',
  },
];
