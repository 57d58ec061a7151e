using Caravan.Kernels;
using Caravan.Tensors;

namespace Caravan.Training;

/// <summary>
/// Adafactor without momentum (Shazeer and Stern 2018, alg. 4 and 5): of a matrix's second moments only the means over rows and over columns are
/// kept, so that its state is as small as a row and a column. β₂ of step t is 1 − t^−0.8.
/// </summary>
internal sealed class Adafactor : Optimizer
{
    private const double DecayExponent = -0.8;
    private const float SquareFloor = 1e-30f;
    private const double SmallestSize = 1e-3;

    private readonly double weightDecay, clipThreshold;
    private readonly bool relativeSteps;
    private readonly List<SecondMoment> moments;
    private readonly Tensor rowScratch, columnScratch, squareScratch;

    /// <summary>Moments of zero for each parameter.</summary>
    /// <param name="parameters">What is learnt.</param>
    /// <param name="clipThreshold">d, the largest root mean square of an update before the rate; 1 in the paper.</param>
    /// <param name="relativeSteps">
    /// Whether the step size of a parameter is its root mean square (at least 10⁻³) times min(rate, 1/√t), as in the paper with a rate of 0.01; else it
    /// is the rate.
    /// </param>
    /// <param name="weightDecay">Decoupled decay; 0 for none.</param>
    public Adafactor(IReadOnlyList<Parameter> parameters, double clipThreshold = 1, bool relativeSteps = false, double weightDecay = 0)
    {
        (this.clipThreshold, this.relativeSteps, this.weightDecay) = (clipThreshold, relativeSteps, weightDecay);
        moments = [.. parameters.Select(SecondMoment.Of)];
        columnScratch = Tensor.Allocate(new Shape(moments.Max(moment => moment.Columns.Shape.Elements)));
        rowScratch = Tensor.Allocate(new Shape(moments.Max(moment => moment.Rows?.Shape.Elements ?? 1)));
        squareScratch = Tensor.Allocate(rowScratch.Shape);
    }

    /// <inheritdoc/>
    public override IEnumerable<(string Name, Tensor Values)> State =>
        moments.SelectMany(moment => moment.Rows is null ? [Named(moment.Columns)] : ((string, Tensor)[])[Named(moment.Rows), Named(moment.Columns)]);

    /// <inheritdoc/>
    public override void Dispose()
    {
        base.Dispose();
        rowScratch.Dispose();
        columnScratch.Dispose();
        squareScratch.Dispose();
    }

    /// <inheritdoc/>
    protected override void Update(Device device, IReadOnlyList<Parameter> parameters, double rate, double gradientScale)
    {
        double beta = 1 - Math.Pow(Steps, DecayExponent);
        for (int i = 0; i < parameters.Count; i++)
        {
            Parameter parameter = parameters[i];
            double size = rate * parameter.RateFactor;
            if (relativeSteps)
                size = Math.Min(size, 1 / Math.Sqrt(Steps)) * Math.Max(SmallestSize, RootMean(device.Kernels.SumOfSquares(parameter.Values.Floats), parameter.Values));
            Move(device.Kernels, parameter, moments[i], (float)beta, size, (float)gradientScale);
        }
    }

    private static double RootMean(double sumOfSquares, Tensor of) => Math.Sqrt(sumOfSquares / of.Shape.Elements);

    /// <summary>U = scale · gradient · rowFactor · columnFactor, the factors being one over the root of the second moment; w −= size · U / max(1, RMS(U)/d).</summary>
    private void Move(KernelSet kernels, Parameter parameter, SecondMoment moment, float beta, double size, float gradientScale)
    {
        NativeSpan<float> gradient = parameter.Gradient!.Floats, columns = moment.Columns.Floats;
        NativeSpan<float> rowFactors = rowScratch.Floats.Slice(0, gradient.Length / columns.Length), columnFactors = columnScratch.Floats.Slice(0, columns.Length);
        kernels.SquareMeans(gradient, rowFactors, columnFactors);
        double mean = 1;
        if (moment.Rows is not null)
        {
            mean = 0;
            for (long r = 0; r < rowFactors.Length; r++) mean += Follow(moment.Rows.Floats, rowFactors, r, beta, gradientScale) / rowFactors.Length;
        }

        for (long c = 0; c < columns.Length; c++) columnFactors[c] = 1 / MathF.Sqrt(Follow(columns, columnFactors, c, beta, gradientScale));
        for (long r = 0; r < rowFactors.Length; r++)
            rowFactors[r] = gradientScale * (moment.Rows is null ? 1 : (float)Math.Sqrt(mean / moment.Rows.Floats[r]));

        NativeSpan<float> squares = squareScratch.Floats.Slice(0, rowFactors.Length);
        kernels.ScaledRowSquares(gradient, rowFactors, columnFactors, squares);
        double sum = 0;
        for (long r = 0; r < squares.Length; r++) sum += squares[r];
        double factor = -size / Math.Max(1, RootMean(sum, parameter.Values) / clipThreshold);
        double keep = 1 - (size * (parameter.Decays ? weightDecay : 0));
        kernels.AddOuterScaled(gradient, rowFactors, columnFactors, (float)factor, (float)keep, parameter.Values.Floats);
    }

    /// <summary>Moves a moment towards the mean of the squares of this step.</summary>
    private static float Follow(NativeSpan<float> moments, NativeSpan<float> means, long at, float beta, float gradientScale) =>
        moments[at] = (beta * moments[at]) + ((1 - beta) * ((means[at] * gradientScale * gradientScale) + SquareFloor));

    /// <summary>The second moments of a parameter; without rows, of each element.</summary>
    private readonly record struct SecondMoment(Tensor? Rows, Tensor Columns)
    {
        public static SecondMoment Of(Parameter parameter)
        {
            Shape shape = parameter.Tensor.Shape;
            return shape.Rows > 1 && shape.Columns > 1
                ? new SecondMoment(parameter.Allocate("row_moment", new Shape(shape.Rows)), parameter.Allocate("column_moment", new Shape(shape.Columns)))
                : new SecondMoment(null, parameter.Allocate("second_moment"));
        }
    }
}
