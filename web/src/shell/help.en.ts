import type { English } from '../i18n/strings';
import type zh from './help.zh';

const en: English<typeof zh> = {
  'help.desks': 'Desks',
  'help.desk.review': 'Claim tasks and do them, see what you have done and started, start new cases.',
  'help.desk.cases': 'Read any case: how far it has come and why, who did what and when.',
  'help.desk.design': 'Draw processes, decisions and forms; try, test and compare them; publish and roll back.',
  'help.desk.operate': 'Repair what is stuck: retry, modify, migrate or cancel cases; see jobs, timers and messages.',
  'help.more': 'More',
  'help.licences': 'Open source licences',
  'help.keyboard': 'Keyboard shortcuts',
  'help.api': 'API documentation',
  'keys.search': 'Search',
  'keys.help': 'Show the keyboard shortcuts',
  'keys.next': 'Next row',
  'keys.previous': 'Previous row',
  'keys.open': 'Open the row',
  'keys.general': 'Everywhere',
  'keys.table': 'Lists',
  'keys.note': 'While you type into a field, shortcuts of a single letter do nothing.',
};

export default en;
