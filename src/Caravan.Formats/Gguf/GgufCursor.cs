using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;

namespace Caravan.Formats;

/// <summary>Reads a GGUF header from front to back; whatever does not fit the bytes that remain is a <see cref="CaravanException"/>.</summary>
internal ref struct GgufCursor(ReadOnlySpan<byte> bytes, string path)
{
    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private readonly ReadOnlySpan<byte> bytes = bytes;

    /// <summary>The file, for sentences.</summary>
    public readonly string Path => path;

    /// <summary>What is being read, for sentences: <c>the header</c>, <c>the value of 'general.name'</c>.</summary>
    public string Where { get; set; } = "the header";

    /// <summary>Offset of the next byte.</summary>
    public int Position { get; private set; }

    /// <summary>Bytes left.</summary>
    public readonly int Remaining => bytes.Length - Position;

    /// <summary>The next value.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public T Read<T>()
        where T : unmanaged => MemoryMarshal.Read<T>(Take(Unsafe.SizeOf<T>()));

    /// <summary>The next <paramref name="count"/> values.</summary>
    public T[] ReadArray<T>(ulong count)
        where T : unmanaged
    {
        CheckCount(count, Unsafe.SizeOf<T>(), "items");
        return MemoryMarshal.Cast<byte, T>(Take((int)count * Unsafe.SizeOf<T>())).ToArray();
    }

    /// <summary>The next string; bytes that are not UTF-8 become U+FFFD, since vocabularies in the wild hold some.</summary>
    public string ReadText() => Encoding.UTF8.GetString(ReadStringBytes());

    /// <summary>The next string, which names something: not valid UTF-8 is a failure.</summary>
    public string ReadName()
    {
        int start = Position;
        try
        {
            return Strict.GetString(ReadStringBytes());
        }
        catch (DecoderFallbackException exception)
        {
            throw new CaravanException($"'{path}' is damaged: {Where} (at byte {start}) is not valid UTF-8; download or copy it again.", exception);
        }
    }

    /// <summary>Fails unless <paramref name="count"/> things of at least <paramref name="bytesEach"/> bytes can be in the bytes that remain.</summary>
    public readonly void CheckCount(ulong count, int bytesEach, string things)
    {
        if (count > (ulong)(Remaining / bytesEach))
        {
            throw new CaravanException(
                $"'{path}' is damaged or cut short: {Where} claims {count} {things} and only {Remaining} bytes are left after byte {Position}; " +
                "download or copy it again.");
        }
    }

    private ReadOnlySpan<byte> ReadStringBytes()
    {
        ulong length = Read<ulong>();
        if (length > (ulong)Remaining) CheckCount(length, 1, "bytes of text");
        return Take((int)length);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private ReadOnlySpan<byte> Take(int count)
    {
        if (count > Remaining) ThrowTruncated();
        ReadOnlySpan<byte> taken = bytes.Slice(Position, count);
        Position += count;
        return taken;
    }

    private readonly void ThrowTruncated() =>
        throw new CaravanException($"'{path}' is cut short: its {bytes.Length} bytes end inside {Where}; download or copy it again.");
}
