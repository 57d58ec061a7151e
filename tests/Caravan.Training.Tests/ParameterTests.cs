using Caravan.Kernels;
using Caravan.Tensors;

namespace Caravan.Training.Tests;

public class ParameterTests
{
    [Fact]
    public void StepsTooSmallForBf16AddUpInTheMasterCopy()
    {
        using Tensor weight = Tensor.Allocate(new Shape(4), DType.BF16, "w");
        QuantFormats.Of(DType.BF16).Encode(Floats(1, 1, 1, 1).Floats, weight.Bytes, 4);
        using Parameter parameter = new(weight);
        // BF16 has 8 bits: near 1 it steps by 2^-8 downwards, so that 2^-11 alone is lost.
        for (int step = 0; step < 16; step++)
        {
            for (int i = 0; i < 4; i++) parameter.Values.Floats[i] -= 1f / 2048;
            parameter.Publish();
        }

        using Tensor read = Tensor.Allocate(new Shape(4));
        QuantFormats.Of(DType.BF16).Decode(weight.Bytes, read.Floats);
        Assert.Equal(1 - (16f / 2048), read.Floats[0]);
    }

    private static Tensor Floats(params float[] values)
    {
        Tensor tensor = Tensor.Allocate(new Shape(values.Length));
        values.CopyTo(tensor.Floats.AsSpan());
        return tensor;
    }
}
