using Caravan.Kernels;

namespace Caravan.Tensors;

/// <summary>
/// A contiguous, row-major block of elements with a shape. A tensor owns its memory (<see cref="Allocate"/>), views memory that something else
/// keeps alive (<see cref="View"/>: mapped weights), or lives in a <see cref="Workspace"/> until that is reset (activations).
/// </summary>
internal sealed class Tensor : IDisposable
{
    private NativeBuffer? buffer;
    private NativeSpan<byte> bytes;
    private Tensor? gradient;
    private bool disposed;

    internal Tensor()
    {
    }

    /// <summary>The workspace that lends it, where its gradient belongs too; null for a tensor that stays.</summary>
    internal Workspace? Home { get; init; }

    /// <summary>The dimensions, outermost first.</summary>
    public Shape Shape { get; private set; }

    /// <summary>How elements are stored.</summary>
    public DType DType { get; private set; }

    /// <summary>The raw bytes.</summary>
    /// <exception cref="ObjectDisposedException">The tensor was disposed.</exception>
    public NativeSpan<byte> Bytes
    {
        get
        {
            ObjectDisposedException.ThrowIf(disposed, this);
            return bytes;
        }
    }

    /// <summary>Whether <see cref="KernelSet.Interleave"/> has moved the rows: only products with 8-bit activations can read them then.</summary>
    public bool Interleaved { get; private set; }

    /// <summary>The name of a weight, for error messages and checkpoints; null for activations.</summary>
    public string? Name { get; set; }

    /// <summary>Whether a tape follows this tensor: true for weights that are trained and for everything computed from them.</summary>
    public bool RequiresGradient { get; set; }

    /// <summary>∂loss/∂this, same shape, F32; null until a backward pass (or an optimizer that accumulates) provides it.</summary>
    /// <exception cref="ArgumentException">It has another shape or type.</exception>
    public Tensor? Gradient
    {
        get => gradient;
        set => gradient = value is null || (value.Shape == Shape && value.DType == DType.F32)
            ? value
            : throw new ArgumentException($"{value} cannot be the gradient of {this}: the shape must be the same and the type F32.");
    }

    /// <summary>The elements of an F32 tensor.</summary>
    /// <exception cref="InvalidOperationException">The tensor has another type.</exception>
    public NativeSpan<float> Floats => DType == DType.F32
        ? Bytes.Cast<float>()
        : throw new InvalidOperationException($"{this} is not F32.");

    /// <summary>A tensor with memory of its own, set to zero; the caller disposes it.</summary>
    public static Tensor Allocate(Shape shape, DType type = DType.F32, string? name = null)
    {
        NativeBuffer buffer = new(type.Bytes(shape.Elements));
        Tensor tensor = View(shape, type, buffer.Bytes, name);
        tensor.buffer = buffer;
        return tensor;
    }

    /// <summary>A tensor over memory that the caller keeps alive.</summary>
    public static Tensor View(Shape shape, DType type, NativeSpan<byte> bytes, string? name = null)
    {
        Tensor tensor = new() { Name = name };
        tensor.Point(shape, type, bytes);
        return tensor;
    }

    /// <summary>Frees the memory of a tensor that owns it.</summary>
    public void Dispose()
    {
        buffer?.Dispose();
        buffer = null;
        bytes = default;
        disposed = true;
    }

    /// <summary>Such as <c>layers.0.attention.q.weight [64, 64] F32</c>.</summary>
    public override string ToString() => $"{(Name is null ? "" : Name + " ")}{Shape} {DType}";

    /// <summary>Takes over memory that holds the same elements interleaved.</summary>
    internal void Replace(NativeBuffer interleaved)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(interleaved.Length, bytes.Length);
        buffer?.Dispose();
        buffer = interleaved;
        bytes = interleaved.Bytes;
        Interleaved = true;
    }

    /// <summary>Exchanges memory with a tensor of the same shape and type.</summary>
    internal void Exchange(Tensor other)
    {
        if (other.Shape != Shape || other.DType != DType) throw new ArgumentException($"{other} cannot take the place of {this}.");
        (buffer, other.buffer) = (other.buffer, buffer);
        (bytes, other.bytes) = (other.bytes, bytes);
    }

    /// <summary>Makes this object describe other memory, and forget its past: how a <see cref="Workspace"/> reuses it.</summary>
    internal void Point(Shape shape, DType type, NativeSpan<byte> bytes)
    {
        if (bytes.Length != type.Bytes(shape.Elements))
            throw new ArgumentException($"{shape} {type} needs {type.Bytes(shape.Elements)} bytes, not {bytes.Length}.");
        Shape = shape;
        DType = type;
        this.bytes = bytes;
        Interleaved = false;
        RequiresGradient = false;
        Gradient = null;
    }
}
