using Caravan.Kernels;
using Caravan.Tensors;

namespace Caravan.Training;

/// <summary>
/// AdamW (Loshchilov and Hutter 2019, "Decoupled Weight Decay Regularization", alg. 2), and the same with moments in 8 bits
/// (Dettmers et al. 2022, "8-bit Optimizers via Block-wise Quantization").
/// </summary>
internal sealed class AdamW : Optimizer
{
    /// <summary>Moments of fewer elements stay F32: they need little memory, and norms and biases are sensitive.</summary>
    private const long SmallestInBlocks = 4096;

    private readonly float beta1, beta2, epsilon, weightDecay;
    private readonly int block;

    /// <summary>Of each parameter two moments, or codes and scales of the first and of the second.</summary>
    private readonly List<Tensor[]> moments;

    /// <summary>Moments of zero for each parameter.</summary>
    /// <param name="parameters">What is learnt.</param>
    /// <param name="beta1">Decay of the first moment.</param>
    /// <param name="beta2">Decay of the second moment.</param>
    /// <param name="epsilon">Added to the root of the second moment.</param>
    /// <param name="weightDecay">Decoupled decay; 0 for none.</param>
    /// <param name="block">Elements that share a scale, with moments in 8 bits; 0 keeps them F32.</param>
    public AdamW(
        IReadOnlyList<Parameter> parameters, double beta1 = 0.9, double beta2 = 0.999, double epsilon = 1e-8, double weightDecay = 0, int block = 0)
    {
        (this.beta1, this.beta2, this.epsilon, this.weightDecay, this.block) = ((float)beta1, (float)beta2, (float)epsilon, (float)weightDecay, block);
        moments = [.. parameters.Select(parameter => (Tensor[])[.. Moment(parameter, "first_moment"), .. Moment(parameter, "second_moment")])];
    }

    /// <inheritdoc/>
    public override IEnumerable<(string Name, Tensor Values)> State => moments.SelectMany(parts => parts.Select(Named));

    /// <inheritdoc/>
    protected override void Update(Device device, IReadOnlyList<Parameter> parameters, double rate, double gradientScale)
    {
        for (int i = 0; i < parameters.Count; i++)
        {
            Parameter parameter = parameters[i];
            NativeSpan<float> values = parameter.Values.Floats, gradient = parameter.Gradient!.Floats;
            AdamWStep step = new(
                (float)(rate * parameter.RateFactor), beta1, beta2, epsilon, parameter.Decays ? weightDecay : 0, Steps, (float)gradientScale);
            if (moments[i] is [Tensor firstCodes, Tensor firstScales, Tensor secondCodes, Tensor secondScales])
                device.Kernels.AdamW(step, values, gradient, new EightBitMoments(firstCodes.Bytes, firstScales.Floats, secondCodes.Bytes, secondScales.Floats, block));
            else
                device.Kernels.AdamW(step, values, gradient, moments[i][0].Floats, moments[i][1].Floats);
        }
    }

    private Tensor[] Moment(Parameter parameter, string name)
    {
        long elements = parameter.Tensor.Shape.Elements;
        if (block == 0 || elements < SmallestInBlocks) return [parameter.Allocate(name)];
        return [parameter.Allocate($"{name}_codes", type: DType.U8), parameter.Allocate($"{name}_scales", new Shape((elements + block - 1) / block))];
    }
}
