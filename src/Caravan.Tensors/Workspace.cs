using Caravan.Kernels;

namespace Caravan.Tensors;

/// <summary>
/// The arena of one forward (and backward) pass. Renting moves a pointer; <see cref="Reset"/> takes everything back at once, and the next pass
/// reuses the same memory and the same <see cref="Tensor"/> objects, so that a warmed-up pass allocates nothing.
/// </summary>
internal sealed class Workspace : IDisposable
{
    private const long FirstChunkBytes = 1 << 20;

    private readonly List<NativeBuffer> chunks = [];
    private readonly List<Tensor> tensors = [];
    private int rented;
    private int current;
    private long used;

    /// <summary>Bytes held from the system.</summary>
    public long Capacity => chunks.Sum(chunk => chunk.Length);

    /// <summary>A tensor that lives until <see cref="Reset"/>; its contents are undefined.</summary>
    public Tensor Rent(Shape shape, DType type = DType.F32)
    {
        NativeSpan<byte> bytes = Take(type.Bytes(shape.Elements));
        if (rented == tensors.Count) tensors.Add(new Tensor());
        Tensor tensor = tensors[rented++];
        tensor.Point(shape, type, bytes);
        return tensor;
    }

    /// <summary>A tensor that lives until <see cref="Reset"/>, set to zero.</summary>
    public Tensor RentZeroed(Shape shape)
    {
        Tensor tensor = Rent(shape);
        tensor.Bytes.Clear();
        return tensor;
    }

    /// <summary>Scratch elements that live until <see cref="Reset"/>; contents undefined.</summary>
    public NativeSpan<T> Take<T>(long count)
        where T : unmanaged => Take(checked(count * System.Runtime.CompilerServices.Unsafe.SizeOf<T>())).Cast<T>();

    /// <summary>How much is rented now, for <see cref="Release"/>.</summary>
    public WorkspaceMark Mark() => new(rented, current, used);

    /// <summary>Takes back what was rented since the mark; without a tape nothing else refers to it.</summary>
    public void Release(WorkspaceMark mark) => (rented, current, used) = (mark.Rented, mark.Chunk, mark.Used);

    /// <summary>Takes back every tensor that was rented.</summary>
    public void Reset()
    {
        if (chunks.Count > 1)
        {
            // One pass did not fit one chunk: next time it will.
            long total = Capacity;
            Dispose();
            chunks.Add(new NativeBuffer(total, clear: false));
        }

        rented = 0;
        current = 0;
        used = 0;
    }

    /// <summary>Frees the memory; rented tensors must no longer be used.</summary>
    public void Dispose()
    {
        foreach (NativeBuffer chunk in chunks) chunk.Dispose();
        chunks.Clear();
        current = 0;
        used = 0;
    }

    private NativeSpan<byte> Take(long bytes)
    {
        long aligned = checked(bytes + NativeBuffer.Alignment - 1) / NativeBuffer.Alignment * NativeBuffer.Alignment;
        while (current < chunks.Count && used + aligned > chunks[current].Length)
        {
            current++;
            used = 0;
        }

        if (current == chunks.Count) chunks.Add(new NativeBuffer(Math.Max(aligned, Math.Max(FirstChunkBytes, Capacity)), clear: false));
        NativeSpan<byte> span = chunks[current].Bytes.Slice(used, bytes);
        used += aligned;
        return span;
    }
}
