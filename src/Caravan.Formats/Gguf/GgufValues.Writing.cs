using System.Runtime.InteropServices;
using System.Text;

namespace Caravan.Formats;

/// <summary>Writing of metadata values.</summary>
internal static partial class GgufValues
{
    /// <summary>Every type a value or an array's elements can have, with the CLR type that stands for it.</summary>
    private static readonly Dictionary<Type, GgufValueType> TypeOf = new()
    {
        [typeof(byte)] = GgufValueType.UInt8,
        [typeof(sbyte)] = GgufValueType.Int8,
        [typeof(ushort)] = GgufValueType.UInt16,
        [typeof(short)] = GgufValueType.Int16,
        [typeof(uint)] = GgufValueType.UInt32,
        [typeof(int)] = GgufValueType.Int32,
        [typeof(float)] = GgufValueType.Float32,
        [typeof(bool)] = GgufValueType.Bool,
        [typeof(string)] = GgufValueType.String,
        [typeof(object)] = GgufValueType.Array,
        [typeof(ulong)] = GgufValueType.UInt64,
        [typeof(long)] = GgufValueType.Int64,
        [typeof(double)] = GgufValueType.Float64,
    };

    /// <summary>Writes a key, and its value with the type in front.</summary>
    /// <exception cref="CaravanException">GGUF has no type for the value.</exception>
    public static void WritePair(BinaryWriter writer, string key, object value)
    {
        WriteText(writer, key);
        if (value is Array array)
        {
            writer.Write((uint)GgufValueType.Array);
            WriteArray(writer, key, array);
            return;
        }

        GgufValueType type = TypeOf.TryGetValue(value.GetType(), out GgufValueType found) ? found : throw NoType(key, value);
        writer.Write((uint)type);
        WriteScalar(writer, key, value);
    }

    /// <summary>Writes the length and the UTF-8 bytes.</summary>
    public static void WriteText(BinaryWriter writer, string text)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(text);
        writer.Write((ulong)bytes.Length);
        writer.Write(bytes);
    }

    private static void WriteScalar(BinaryWriter writer, string key, object value)
    {
        switch (value)
        {
            case byte number: writer.Write(number); break;
            case sbyte number: writer.Write(number); break;
            case ushort number: writer.Write(number); break;
            case short number: writer.Write(number); break;
            case uint number: writer.Write(number); break;
            case int number: writer.Write(number); break;
            case float number: writer.Write(number); break;
            case bool truth: writer.Write(truth); break;
            case string text: WriteText(writer, text); break;
            case ulong number: writer.Write(number); break;
            case long number: writer.Write(number); break;
            case double number: writer.Write(number); break;
            default: throw NoType(key, value);
        }
    }

    private static void WriteArray(BinaryWriter writer, string key, Array array)
    {
        if (array.Rank != 1 || !TypeOf.TryGetValue(array.GetType().GetElementType()!, out GgufValueType type)) throw NoType(key, array);
        writer.Write((uint)type);
        writer.Write((ulong)array.Length);
        switch (array)
        {
            // The CLR lets an sbyte[] pass as byte[] and so on, which is right here: the bytes are the same.
            case byte[] items: writer.Write(items); break;
            case ushort[] items: WriteBytes<ushort>(writer, items); break;
            case uint[] items: WriteBytes<uint>(writer, items); break;
            case ulong[] items: WriteBytes<ulong>(writer, items); break;
            case float[] items: WriteBytes<float>(writer, items); break;
            case double[] items: WriteBytes<double>(writer, items); break;
            case bool[] items:
                foreach (bool item in items) writer.Write(item);
                break;
            case string[] items:
                foreach (string item in items) WriteText(writer, item);
                break;
            default:
                foreach (object? item in array) WriteArray(writer, key, item as Array ?? throw NoType(key, item));
                break;
        }
    }

    private static void WriteBytes<T>(BinaryWriter writer, T[] items)
        where T : unmanaged => writer.Write(MemoryMarshal.AsBytes<T>(items));

    private static CaravanException NoType(string key, object? value) =>
        new($"The value of '{key}' is a {value?.GetType().Name ?? "null"}, for which GGUF has no type.");
}
