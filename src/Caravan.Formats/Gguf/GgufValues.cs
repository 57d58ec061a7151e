namespace Caravan.Formats;

/// <summary>Metadata values as GGUF stores them: reading here, writing in the other half.</summary>
internal static partial class GgufValues
{
    /// <summary>Arrays in arrays beyond this depth are refused; the deepest known file has 1.</summary>
    private const int DeepestNesting = 8;

    /// <summary>The value of a type at the cursor.</summary>
    public static object Read(ref GgufCursor cursor, GgufValueType type) => type switch
    {
        GgufValueType.UInt8 => cursor.Read<byte>(),
        GgufValueType.Int8 => cursor.Read<sbyte>(),
        GgufValueType.UInt16 => cursor.Read<ushort>(),
        GgufValueType.Int16 => cursor.Read<short>(),
        GgufValueType.UInt32 => cursor.Read<uint>(),
        GgufValueType.Int32 => cursor.Read<int>(),
        GgufValueType.Float32 => cursor.Read<float>(),
        GgufValueType.Bool => Bool(in cursor, cursor.Read<byte>()),
        GgufValueType.String => cursor.ReadText(),
        GgufValueType.Array => ReadArray(ref cursor, 1),
        GgufValueType.UInt64 => cursor.Read<ulong>(),
        GgufValueType.Int64 => cursor.Read<long>(),
        GgufValueType.Float64 => cursor.Read<double>(),
        _ => throw UnknownType(in cursor, type),
    };

    private static object ReadArray(ref GgufCursor cursor, int depth)
    {
        if (depth > DeepestNesting)
        {
            throw new CaravanException(
                $"'{cursor.Path}': {cursor.Where} nests arrays more than {DeepestNesting} deep; that is not a model's metadata.");
        }

        GgufValueType type = (GgufValueType)cursor.Read<uint>();
        ulong count = cursor.Read<ulong>();
        return type switch
        {
            GgufValueType.UInt8 => cursor.ReadArray<byte>(count),
            GgufValueType.Int8 => cursor.ReadArray<sbyte>(count),
            GgufValueType.UInt16 => cursor.ReadArray<ushort>(count),
            GgufValueType.Int16 => cursor.ReadArray<short>(count),
            GgufValueType.UInt32 => cursor.ReadArray<uint>(count),
            GgufValueType.Int32 => cursor.ReadArray<int>(count),
            GgufValueType.Float32 => cursor.ReadArray<float>(count),
            GgufValueType.Bool => ReadBools(ref cursor, count),
            GgufValueType.String => ReadStrings(ref cursor, count),
            GgufValueType.Array => ReadArrays(ref cursor, count, depth),
            GgufValueType.UInt64 => cursor.ReadArray<ulong>(count),
            GgufValueType.Int64 => cursor.ReadArray<long>(count),
            GgufValueType.Float64 => cursor.ReadArray<double>(count),
            _ => throw UnknownType(in cursor, type),
        };
    }

    private static string[] ReadStrings(ref GgufCursor cursor, ulong count)
    {
        cursor.CheckCount(count, sizeof(ulong), "strings");
        string[] strings = new string[count];
        for (int i = 0; i < strings.Length; i++) strings[i] = cursor.ReadText();
        return strings;
    }

    private static object[] ReadArrays(ref GgufCursor cursor, ulong count, int depth)
    {
        cursor.CheckCount(count, sizeof(uint) + sizeof(ulong), "arrays");
        object[] arrays = new object[count];
        for (int i = 0; i < arrays.Length; i++) arrays[i] = ReadArray(ref cursor, depth + 1);
        return arrays;
    }

    private static bool[] ReadBools(ref GgufCursor cursor, ulong count)
    {
        cursor.CheckCount(count, sizeof(byte), "items");
        bool[] values = new bool[count];
        for (int i = 0; i < values.Length; i++) values[i] = Bool(in cursor, cursor.Read<byte>());
        return values;
    }

    private static bool Bool(in GgufCursor cursor, byte value) => value <= 1
        ? value == 1
        : throw new CaravanException(
            $"'{cursor.Path}' is damaged: {cursor.Where} holds a bool of {value} (at byte {cursor.Position - 1}); 0 or 1 was expected.");

    private static CaravanException UnknownType(in GgufCursor cursor, GgufValueType type) =>
        new($"'{cursor.Path}' is damaged or newer than this reader: {cursor.Where} has type {(uint)type}; GGUF defines 0 to 12.");
}
