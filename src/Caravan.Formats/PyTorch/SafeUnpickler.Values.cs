using System.Globalization;

namespace Caravan.Formats;

internal sealed partial class SafeUnpickler
{
    /// <summary>The instructions that push a number, a text or a constant.</summary>
    private bool Value(PickleOpcode opcode)
    {
        switch (opcode)
        {
            case PickleOpcode.None: Push(null); break;
            case PickleOpcode.NewTrue: Push(true); break;
            case PickleOpcode.NewFalse: Push(false); break;
            case PickleOpcode.BinInt: Push((long)cursor.Int32()); break;
            case PickleOpcode.BinInt1: Push((long)cursor.Byte()); break;
            case PickleOpcode.BinInt2: Push((long)cursor.UInt16()); break;
            case PickleOpcode.Long1: PushInteger(cursor.Byte()); break;
            case PickleOpcode.Long4: PushInteger(cursor.UInt32()); break;
            case PickleOpcode.BinFloat: Push(cursor.Real()); break;
            case PickleOpcode.ShortBinString or PickleOpcode.ShortBinUnicode: Push(cursor.Text(cursor.Byte())); break;
            case PickleOpcode.BinString or PickleOpcode.BinUnicode: Push(cursor.Text(cursor.UInt32())); break;
            case PickleOpcode.BinUnicode8: Push(cursor.Text(cursor.UInt64())); break;
            case PickleOpcode.ShortBinBytes: PushBytes(cursor.Byte()); break;
            case PickleOpcode.BinBytes: PushBytes(cursor.UInt32()); break;
            case PickleOpcode.BinBytes8 or PickleOpcode.ByteArray8: PushBytes(cursor.UInt64()); break;
            case PickleOpcode.Int: PushIntLine(cursor.Line()); break;
            case PickleOpcode.Long: PushNumberLine(cursor.Line().TrimEnd('L')); break;
            case PickleOpcode.Float: PushRealLine(cursor.Line()); break;
            // Protocol 0 cannot carry storages, so its quoted texts are never names of tensors and their escapes stay as they are.
            case PickleOpcode.String: Push(cursor.Line().Trim('\'', '"')); break;
            case PickleOpcode.Unicode: Push(cursor.Line()); break;
            default: return false;
        }

        return true;
    }

    private void PushInteger(ulong length) => Push(cursor.Integer(length) is { } number ? number : PickleOpaque.Value);

    private void PushBytes(ulong length)
    {
        cursor.Skip(length);
        Push(PickleOpaque.Value);
    }

    /// <summary>Protocols 0 and 1 write True and False as the numbers 01 and 00.</summary>
    private void PushIntLine(string line)
    {
        if (line is "00" or "01") Push(line == "01");
        else PushNumberLine(line);
    }

    private void PushNumberLine(string line)
    {
        if (long.TryParse(line, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long number)) Push(number);
        else if (line.Length > 0 && line.AsSpan(line[0] == '-' ? 1 : 0).IndexOfAnyExceptInRange('0', '9') < 0) Push(PickleOpaque.Value);
        else throw cursor.Malformed("holds a number that is not one");
    }

    private void PushRealLine(string line) =>
        Push(double.TryParse(line, NumberStyles.Float, CultureInfo.InvariantCulture, out double number)
            ? number
            : throw cursor.Malformed("holds a number that is not one"));
}
