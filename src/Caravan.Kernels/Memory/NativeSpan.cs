using System.Runtime.CompilerServices;

namespace Caravan.Kernels;

/// <summary>
/// A bounds-checked view of unmanaged memory that may exceed 2 GiB and, unlike <see cref="Span{T}"/>, may be stored in fields.
/// It does not own the memory: the <see cref="NativeBuffer"/> or <see cref="MappedFile"/> behind it must outlive it.
/// </summary>
internal readonly unsafe struct NativeSpan<T>
    where T : unmanaged
{
    internal NativeSpan(T* pointer, long length)
    {
        Pointer = pointer;
        Length = length;
    }

    /// <summary>Number of elements.</summary>
    public long Length { get; }

    /// <summary>The first element; only kernels may use it.</summary>
    internal T* Pointer { get; }

    /// <summary>The element at <paramref name="index"/>.</summary>
    public ref T this[long index]
    {
        get
        {
            if ((ulong)index >= (ulong)Length) throw new ArgumentOutOfRangeException(nameof(index));
            return ref Pointer[index];
        }
    }

    /// <summary>The view of <paramref name="length"/> elements from <paramref name="start"/>.</summary>
    public NativeSpan<T> Slice(long start, long length)
    {
        if (start < 0 || length < 0 || start > Length - length)
            throw new ArgumentOutOfRangeException(nameof(start), $"[{start}, {start}+{length}) is outside a view of {Length} elements.");
        return new NativeSpan<T>(Pointer + start, length);
    }

    /// <summary>The view of all elements from <paramref name="start"/> on.</summary>
    public NativeSpan<T> Slice(long start) => Slice(start, Length - start);

    /// <summary>The same bytes seen as another element type; the byte length must be a whole number of them.</summary>
    public NativeSpan<TOther> Cast<TOther>()
        where TOther : unmanaged
    {
        long bytes = checked(Length * sizeof(T));
        if (bytes % sizeof(TOther) != 0)
            throw new ArgumentException($"{bytes} bytes are not a whole number of {typeof(TOther).Name}.");
        return new NativeSpan<TOther>((TOther*)Pointer, bytes / sizeof(TOther));
    }

    /// <summary>A managed span over the same memory; at most 2^31 - 1 elements.</summary>
    public Span<T> AsSpan() => new(Pointer, checked((int)Length));

    /// <summary>A managed span over a part of the same memory.</summary>
    public Span<T> AsSpan(long start, int length) => Slice(start, length).AsSpan();

    /// <summary>Copies every element to <paramref name="destination"/>, which must have the same length.</summary>
    public void CopyTo(NativeSpan<T> destination)
    {
        if (destination.Length != Length) throw new ArgumentException($"Cannot copy {Length} elements over {destination.Length}.");
        Buffer.MemoryCopy(Pointer, destination.Pointer, destination.Length * sizeof(T), Length * sizeof(T));
    }

    /// <summary>Sets every byte to zero.</summary>
    public void Clear() => NativeMemoryClear(Pointer, (nuint)(Length * sizeof(T)));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void NativeMemoryClear(void* pointer, nuint bytes) =>
        System.Runtime.InteropServices.NativeMemory.Clear(pointer, bytes);
}
