/** BPMN's element types in words, from the diagram (`UserTask`) and from the API (`USER_TASK`). */
import { useText } from '../i18n/elements';
import zh from '../i18n/elements.zh';

type Kind = keyof typeof zh;

export function useElementKind(): (type: string) => string {
  const t = useText();
  return (type) => {
    const key = (/_|^[A-Z]+$/.test(type) ? type : type.replace(/(?<=[a-z])[A-Z]/g, '_$&')).toUpperCase();
    return key in zh ? t(key as Kind) : type;
  };
}
