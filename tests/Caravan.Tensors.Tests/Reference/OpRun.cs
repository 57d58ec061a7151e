using Caravan.Kernels;

namespace Caravan.Tensors.Tests;

/// <summary>What a case computed on one device.</summary>
internal sealed record OpRun(float[] Result, float[]?[] Gradients)
{
    /// <summary>Runs a case forward, and backward from <paramref name="c"/> = ∂loss/∂result.</summary>
    /// <param name="device">Where it runs.</param>
    /// <param name="test">The case.</param>
    /// <param name="c">Null for a forward pass without a tape.</param>
    /// <param name="requires">Which inputs ask for a gradient; null means all that are differentiable.</param>
    /// <param name="times">How often forward and backward are run into the same gradients.</param>
    public static OpRun Of(Device device, OpCase test, double[]? c = null, Func<int, bool>? requires = null, int times = 1)
    {
        using Pass pass = new(device, c is null ? null : new Tape());
        GuardedTensor[] inputs = [.. test.Inputs.Select(input => new GuardedTensor(input.Shape, input.DType, input.Bytes))];
        GuardedTensor?[] gradients = new GuardedTensor?[inputs.Length];
        for (int i = 0; i < inputs.Length && c is not null; i++)
        {
            if (!test.Inputs[i].Differentiable || requires?.Invoke(i) == false) continue;
            inputs[i].Tensor.RequiresGradient = true;
            gradients[i] = new GuardedTensor(test.Inputs[i].Shape, DType.F32, new byte[test.Inputs[i].Shape.Elements * sizeof(float)]);
            inputs[i].Tensor.Gradient = gradients[i]!.Tensor;
        }

        float[] result = [];
        for (int time = 0; time < times; time++) result = Once(pass, test, inputs, c);
        foreach (GuardedTensor input in inputs) input.AssertUntouched();
        foreach (GuardedTensor? gradient in gradients) gradient?.AssertMarginsUntouched();
        for (int i = 0; i < inputs.Length; i++) Assert.Same(gradients[i]?.Tensor, inputs[i].Tensor.Gradient);
        OpRun run = new(result, [.. gradients.Select(gradient => gradient?.Tensor.Floats.AsSpan().ToArray())]);
        foreach (GuardedTensor? guarded in inputs.Concat(gradients)) guarded?.Dispose();
        return run;
    }

    private static float[] Once(Pass pass, OpCase test, GuardedTensor[] inputs, double[]? c)
    {
        // Results are not initialised: what a kernel forgets to write shows as NaN.
        pass.Workspace.Take<byte>(1 << 20).AsSpan().Fill(0xFF);
        pass.Reset();
        Tensor y = test.Run(pass, [.. inputs.Select(input => input.Tensor)]);
        float[] result = y.Floats.AsSpan().ToArray();
        if (c is null)
        {
            Assert.False(y.RequiresGradient);
            return result;
        }

        bool followed = inputs.Any(input => input.Tensor.RequiresGradient);
        Assert.Equal(followed, y.RequiresGradient);
        Assert.Equal(followed ? 1 : 0, pass.Tape!.Count);
        if (!followed) return result;
        NativeSpan<float> gradient = pass.GradientOf(y);
        for (int i = 0; i < c.Length; i++) gradient[i] = (float)c[i];
        pass.Tape.Backward(pass);
        Assert.Equal(result, y.Floats.AsSpan().ToArray());
        return result;
    }
}
