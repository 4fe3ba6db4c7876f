import { describeSessionService } from '../testing/session-service-contract.js';
import { InMemorySessionService } from './in-memory-session-service.js';

describeSessionService('InMemorySessionService', () => new InMemorySessionService());
