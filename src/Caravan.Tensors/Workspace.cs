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
    private int chunk;
    private long used;

    /// <summary>Bytes held from the system.</summary>
    public long Capacity => chunks.Sum(chunk => chunk.Length);

    /// <summary>Bytes rented since <see cref="Reset"/>.</summary>
    public long Used => chunks.Take(chunk).Sum(full => full.Length) + used;

    /// <summary>A tensor that lives until <see cref="Reset"/>; its contents are undefined.</summary>
    public Tensor Rent(Shape shape, DType type = DType.F32)
    {
        NativeSpan<byte> bytes = Take(type.Bytes(shape.Elements));
        return Describe(shape, type, bytes);
    }

    /// <summary>A tensor that lives until <see cref="Reset"/> over elements that live elsewhere.</summary>
    public Tensor View(Shape shape, NativeSpan<float> elements) => Describe(shape, DType.F32, elements.Cast<byte>());

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

    /// <summary>The place from which <see cref="Release"/> takes back.</summary>
    public Mark Here() => new(chunk, used, rented);

    /// <summary>
    /// Takes back everything rented since a mark: without a tape, what a layer computed on the way is not needed once its result is kept
    /// elsewhere, so that the memory of a pass does not grow with the number of layers.
    /// </summary>
    public void Release(Mark mark) => (chunk, used, rented) = (mark.Chunk, mark.Used, mark.Rented);

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

        Release(default);
    }

    /// <summary>Frees the memory; rented tensors must no longer be used.</summary>
    public void Dispose()
    {
        foreach (NativeBuffer chunk in chunks) chunk.Dispose();
        chunks.Clear();
        Release(default);
    }

    private Tensor Describe(Shape shape, DType type, NativeSpan<byte> bytes)
    {
        if (rented == tensors.Count) tensors.Add(new Tensor { Home = this });
        Tensor tensor = tensors[rented++];
        tensor.Point(shape, type, bytes);
        return tensor;
    }

    private NativeSpan<byte> Take(long bytes)
    {
        long aligned = checked(bytes + NativeBuffer.Alignment - 1) / NativeBuffer.Alignment * NativeBuffer.Alignment;
        while (chunk < chunks.Count && used + aligned > chunks[chunk].Length) (chunk, used) = (chunk + 1, 0);
        if (chunk == chunks.Count) chunks.Add(new NativeBuffer(Math.Max(aligned, Math.Max(FirstChunkBytes, Capacity)), clear: false));
        NativeSpan<byte> span = chunks[chunk].Bytes.Slice(used, bytes);
        used += aligned;
        return span;
    }

    /// <summary>How far a workspace was used at some moment.</summary>
    public readonly record struct Mark(int Chunk, long Used, int Rented);
}
