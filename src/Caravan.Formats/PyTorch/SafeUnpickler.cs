using Caravan.Kernels;

namespace Caravan.Formats;

/// <summary>
/// Reads a pickle without ever running anything: a stack machine whose only names are those of <see cref="PickleGlobals"/> and whose
/// objects are strings, numbers, dicts, lists, tuples and descriptions of tensors. Depth, memo and object counts are limited.
/// </summary>
/// <remarks>
/// Values come out as <see cref="string"/>, <see cref="long"/>, <see cref="double"/>, <see cref="bool"/>, null, <see cref="PickleDictionary"/>,
/// <c>List&lt;object?&gt;</c> (lists), <c>object?[]</c> (tuples), <see cref="PickleGlobal"/>, <see cref="TorchStorage"/>,
/// <see cref="TorchTensor"/> or <see cref="PickleOpaque"/>. Source: CPython, <c>Lib/pickletools.py</c>.
/// </remarks>
internal sealed partial class SafeUnpickler
{
    private readonly string path;
    private readonly PickleLimits limits;
    private readonly PickleCursor cursor;
    private readonly List<object?> stack = [];
    private readonly List<int> marks = [];
    private readonly Dictionary<uint, object?> memo = [];
    private readonly Dictionary<string, TorchStorage> storages = new(StringComparer.Ordinal);
    private int objects;

    /// <summary>Prepares to read the pickle that starts at the first of <paramref name="bytes"/>; the rest may follow it.</summary>
    public SafeUnpickler(string path, NativeSpan<byte> bytes, PickleLimits? limits = null)
    {
        this.path = path;
        this.limits = limits ?? new PickleLimits();
        cursor = new PickleCursor(path, bytes.Slice(0, Math.Min(bytes.Length, this.limits.Bytes)));
    }

    /// <summary>Bytes read so far: after <see cref="Load"/>, the length of the pickle.</summary>
    public long Position => cursor.Position;

    /// <summary>The storages that the pickle named, by key, as first named; the legacy format needs their element types to find them.</summary>
    public IReadOnlyDictionary<string, TorchStorage> Storages => storages;

    /// <summary>Runs the pickle to its end and returns what it built.</summary>
    /// <exception cref="CaravanException">It is damaged, asks for a name that is not allowed, or builds more than the limits.</exception>
    public object? Load()
    {
        while (true)
        {
            byte code = cursor.Byte();
            PickleOpcode opcode = (PickleOpcode)code;
            if (opcode == PickleOpcode.Stop) break;
            if (!Value(opcode) && !Container(opcode) && !Memory(opcode) && !Call(opcode))
                throw cursor.Malformed($"holds the unknown instruction 0x{code:x2}");
            if (stack.Count > limits.Stack) throw TooMuch("objects on the stack", limits.Stack);
        }

        return Pop();
    }

    /// <summary>The instructions that move objects between stack and memo, and the framing.</summary>
    private bool Memory(PickleOpcode opcode)
    {
        switch (opcode)
        {
            case PickleOpcode.Proto: CheckProtocol(cursor.Byte()); break;
            case PickleOpcode.Frame: cursor.CheckRemaining(cursor.UInt64()); break;
            case PickleOpcode.Mark: PushMark(); break;
            case PickleOpcode.Pop: PopObjectOrMark(); break;
            case PickleOpcode.PopMark: PopToMark(); break;
            case PickleOpcode.Dup: stack.Add(Peek()); break;
            case PickleOpcode.Put: Remember(cursor.LineIndex()); break;
            case PickleOpcode.BinPut: Remember(cursor.Byte()); break;
            case PickleOpcode.LongBinPut: Remember(cursor.UInt32()); break;
            case PickleOpcode.Memoize: Remember((uint)memo.Count); break;
            case PickleOpcode.Get: Recall(cursor.LineIndex()); break;
            case PickleOpcode.BinGet: Recall(cursor.Byte()); break;
            case PickleOpcode.LongBinGet: Recall(cursor.UInt32()); break;
            default: return false;
        }

        return true;
    }

    private void CheckProtocol(byte protocol)
    {
        if (protocol > 5) throw cursor.Malformed($"is of protocol {protocol}; 0 to 5 are known");
    }

    private void Remember(uint index)
    {
        memo[index] = Peek();
        if (memo.Count > limits.Memo) throw TooMuch("remembered objects", limits.Memo);
    }

    private void Recall(uint index) =>
        stack.Add(memo.TryGetValue(index, out object? value) ? value : throw cursor.Malformed($"recalls object {index}, which it never stored"));

    /// <summary>Pushes a new object and counts it.</summary>
    private void Push(object? value)
    {
        Charge(1);
        stack.Add(value);
    }

    /// <summary>Counts objects, or places in a container, against the limit.</summary>
    private void Charge(int count)
    {
        if (count > limits.Objects - objects) throw TooMuch("objects", limits.Objects);
        objects += count;
    }

    private int Floor => marks.Count == 0 ? 0 : marks[^1];

    private object? Peek() => stack.Count > Floor ? stack[^1] : throw Underflow();

    private object? Pop()
    {
        object? value = Peek();
        stack.RemoveAt(stack.Count - 1);
        return value;
    }

    private void PushMark()
    {
        if (marks.Count >= limits.Marks) throw TooMuch("containers inside each other", limits.Marks);
        marks.Add(stack.Count);
    }

    private void PopObjectOrMark()
    {
        if (marks.Count > 0 && stack.Count == Floor) marks.RemoveAt(marks.Count - 1);
        else Pop();
    }

    /// <summary>Takes the mark and everything above it off the stack.</summary>
    private object?[] PopToMark()
    {
        if (marks.Count == 0) throw cursor.Malformed("closes a container that it never opened");
        int start = Floor;
        object?[] items = new object?[stack.Count - start];
        Charge(items.Length);
        stack.CopyTo(start, items, 0, items.Length);
        stack.RemoveRange(start, items.Length);
        marks.RemoveAt(marks.Count - 1);
        return items;
    }

    private CaravanException Underflow() => cursor.Malformed("takes an object from an empty stack");

    private CaravanException TooMuch(string what, int limit) =>
        new($"'{path}' holds a pickle with more than {limit} {what}, which no checkpoint needs; convert it to safetensors with a tool you trust.");
}
