/** The native live protocol, offered as WebSocket subprotocol `live.v1` and as Socket.IO namespace `/live`. */
export const PROTOCOL_VERSION = 1;
export const SUBPROTOCOL = 'live.v1';
export const LIVE_PATH = '/v1/live';
/** Socket.IO: JSON messages go as event `m`, binary frames as event `a`, both ways. */
export const SOCKET_IO_NAMESPACE = '/live';
export const SOCKET_IO_JSON = 'm';
export const SOCKET_IO_BINARY = 'a';
/** Socket.IO has no close codes: before it hangs up the server says `{code, reason}` as this event. */
export const SOCKET_IO_CLOSED = 'closed';
