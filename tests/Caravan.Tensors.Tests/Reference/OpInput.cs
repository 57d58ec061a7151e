using Caravan.Kernels;

namespace Caravan.Tensors.Tests;

/// <summary>One tensor that an operator takes: its stored bytes and the numbers they stand for.</summary>
internal sealed class OpInput
{
    private OpInput(Shape shape, DType type, byte[] bytes, float[] values, bool differentiable)
    {
        Shape = shape;
        DType = type;
        Bytes = bytes;
        Values = [.. values.Select(value => (double)value)];
        Differentiable = differentiable;
    }

    public Shape Shape { get; }

    public DType DType { get; }

    public byte[] Bytes { get; }

    public double[] Values { get; }

    public bool Differentiable { get; }

    /// <summary>F32 values.</summary>
    public static OpInput Of(Shape shape, float[] values, bool differentiable = true) =>
        new(shape, DType.F32, [.. values.SelectMany(BitConverter.GetBytes)], values, differentiable);

    /// <summary>F32 values from a generator.</summary>
    public static OpInput Random(Random random, params ReadOnlySpan<long> shape)
    {
        Shape dimensions = new(shape);
        return Of(dimensions, Numbers.Normal(random, dimensions.Elements));
    }

    /// <summary>A frozen weight of any real type; its values are what the stored bytes decode to.</summary>
    public static OpInput Encoded(Random random, DType type, params ReadOnlySpan<long> shape)
    {
        Shape dimensions = new(shape);
        using Tensor plain = Tensor.Allocate(dimensions), stored = Tensor.Allocate(dimensions, type);
        Numbers.Normal(random, dimensions.Elements).CopyTo(plain.Floats.AsSpan());
        QuantFormats.Of(type).Encode(plain.Floats, stored.Bytes, dimensions.Columns);
        QuantFormats.Of(type).Decode(stored.Bytes, plain.Floats);
        return new OpInput(dimensions, type, stored.Bytes.AsSpan().ToArray(), plain.Floats.AsSpan().ToArray(), differentiable: false);
    }
}
