using System.Runtime.InteropServices;

namespace Caravan.Kernels;

/// <summary>A block of unmanaged memory aligned to 64 bytes, in huge pages where it is large. Whoever allocates it disposes it.</summary>
internal sealed unsafe class NativeBuffer : IDisposable
{
    /// <summary>Alignment of every buffer in bytes: one cache line, one AVX-512 register.</summary>
    public const int Alignment = 64;

    private byte* pointer;

    /// <summary>Allocates <paramref name="bytes"/> bytes; zeroed unless <paramref name="clear"/> is false.</summary>
    /// <exception cref="CaravanException">The system has not that much memory.</exception>
    public NativeBuffer(long bytes, bool clear = true)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(bytes);
        try
        {
            bool huge = HugePages.Suit(bytes);
            pointer = (byte*)NativeMemory.AlignedAlloc((nuint)Math.Max(bytes, 1), (nuint)(huge ? HugePages.Bytes : Alignment));
            if (huge) HugePages.Ask(pointer, bytes);
        }
        catch (OutOfMemoryException exception)
        {
            throw new CaravanException($"Not enough memory: {bytes:N0} bytes were needed; use a smaller model, context or batch.", exception);
        }

        Length = bytes;
        if (clear) NativeMemory.Clear(pointer, (nuint)bytes);
    }

    /// <summary>Size in bytes.</summary>
    public long Length { get; }

    /// <summary>All bytes of the buffer.</summary>
    /// <exception cref="ObjectDisposedException">The buffer was freed.</exception>
    public NativeSpan<byte> Bytes
    {
        get
        {
            ObjectDisposedException.ThrowIf(pointer is null, this);
            return new NativeSpan<byte>(pointer, Length);
        }
    }

    /// <summary>Frees the memory; views of it must no longer be used.</summary>
    public void Dispose()
    {
        NativeMemory.AlignedFree(pointer);
        pointer = null;
    }
}
