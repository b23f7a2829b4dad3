/** What the text editor says (its search, above all), in Chinese. */
import type { Language } from '../../../i18n/strings';

const CHINESE: Readonly<Record<string, string>> = {
  'Find': '查找',
  'Replace': '替换',
  'next': '下一个',
  'previous': '上一个',
  'all': '全选',
  'match case': '区分大小写',
  'by word': '全词',
  'regexp': '正则',
  'replace': '替换',
  'replace all': '全部替换',
  'close': '关闭',
  'current match': '当前匹配',
  'replaced $ matches': '替换了 $ 处',
  'replaced match on line $': '替换了第 $ 行的匹配',
  'on line': '在第几行',
  'Go to line': '转到行',
  'go': '转到',
  'Folded lines': '已收起的行',
  'Unfolded lines': '已展开的行',
  'to': '到',
  'folded code': '已收起',
  'unfold': '展开',
  'Fold line': '收起',
  'Unfold line': '展开',
  'Control character': '控制字符',
  'Selection deleted': '已删除所选',
};

export const phrases = (language: Language): Record<string, string> => (language === 'zh' ? { ...CHINESE } : {});
