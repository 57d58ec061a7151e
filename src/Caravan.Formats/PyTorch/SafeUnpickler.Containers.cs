namespace Caravan.Formats;

internal sealed partial class SafeUnpickler
{
    /// <summary>The instructions that build and fill dicts, lists, tuples and sets.</summary>
    private bool Container(PickleOpcode opcode)
    {
        switch (opcode)
        {
            case PickleOpcode.EmptyDict: Push(new PickleDictionary()); break;
            case PickleOpcode.EmptyList: Push(new List<object?>()); break;
            case PickleOpcode.EmptyTuple: Push(Array.Empty<object?>()); break;
            case PickleOpcode.EmptySet: Push(PickleOpaque.Value); break;
            case PickleOpcode.Tuple: Push(PopToMark()); break;
            case PickleOpcode.Tuple1: PushTuple(1); break;
            case PickleOpcode.Tuple2: PushTuple(2); break;
            case PickleOpcode.Tuple3: PushTuple(3); break;
            case PickleOpcode.List: Push(new List<object?>(PopToMark())); break;
            case PickleOpcode.Dict: PushDictionary(PopToMark()); break;
            case PickleOpcode.FrozenSet: PopToMark(); Push(PickleOpaque.Value); break;
            case PickleOpcode.Append: Charge(1); Append([Pop()]); break;
            case PickleOpcode.Appends: Append(PopToMark()); break;
            case PickleOpcode.AddItems: AddItems(PopToMark()); break;
            case PickleOpcode.SetItem: SetItems(PopPair()); break;
            case PickleOpcode.SetItems: SetItems(PopToMark()); break;
            default: return false;
        }

        return true;
    }

    private void PushTuple(int count)
    {
        object?[] items = new object?[count];
        while (count > 0) items[--count] = Pop();
        Push(items);
    }

    private object?[] PopPair()
    {
        Charge(2);
        object? value = Pop();
        return [Pop(), value];
    }

    private void PushDictionary(object?[] pairs)
    {
        Push(new PickleDictionary());
        SetItems(pairs);
    }

    private void Append(object?[] items)
    {
        if (Peek() is not List<object?> list) throw cursor.Malformed("appends to something that is not a list");
        list.AddRange(items);
    }

    private void AddItems(object?[] _)
    {
        if (Peek() is not PickleOpaque) throw cursor.Malformed("adds elements to something that is not a set");
    }

    private void SetItems(object?[] pairs)
    {
        if (Peek() is not PickleDictionary dictionary) throw cursor.Malformed("sets keys of something that is not a dict");
        if (pairs.Length % 2 != 0) throw cursor.Malformed("sets a key without a value");
        for (int i = 0; i < pairs.Length; i += 2) dictionary.Set(pairs[i], pairs[i + 1]);
    }
}
