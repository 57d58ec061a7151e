namespace Caravan.Kernels;

/// <summary>
/// Encoding shared by Q2_K, Q4_K and Q5_K: every group has a scale and a minimum, both integers 0 .. <paramref name="Levels"/> times a half
/// of the super-block; value = (half scale · step) · code - (half minimum · step).
/// </summary>
/// <param name="GroupElements">Elements per group: 16 or 32.</param>
/// <param name="LargestCode">Largest code of an element.</param>
/// <param name="Levels">Largest integer for scale and minimum.</param>
/// <param name="Search">The grid of trial scales without importance.</param>
/// <param name="FloorWeights">Whether a group's root mean square is added to the weights |x|.</param>
/// <param name="Spread">Factor on the super-block's mean square in the weights made from an importance.</param>
internal readonly unsafe record struct AffineSuperBlock(
    int GroupElements, int LargestCode, int Levels, AffineSearch Search, bool FloorWeights, float Spread)
{
    private const int MostGroups = 16;

    private int Groups => SuperBlock.Elements / GroupElements;

    /// <summary>Finds the 256 codes and the integer scales and minima of one super-block, and its two halves' bits.</summary>
    internal (ushort Scale, ushort Minimum) Encode(float* values, float* importance, byte* codes, byte* scaleSteps, byte* minimumSteps)
    {
        float* scales = stackalloc float[MostGroups];
        float* minima = stackalloc float[MostGroups];
        float* weightSums = stackalloc float[MostGroups];
        AffineSearch search = importance is null ? Search : AffineSearch.ByImportance;
        float* weights = stackalloc float[SuperBlock.Elements];
        float spread = importance is null ? 0 : Spread * SquareSum(values, SuperBlock.Elements) / SuperBlock.Elements;
        for (int group = 0; group < Groups; group++)
        {
            int start = group * GroupElements;
            if (importance is null) WeighByMagnitude(values + start, weights + start);
            else weightSums[group] = Importance.Weigh(values + start, importance + start, GroupElements, spread, weights + start);
        }

        for (int group = 0; group < Groups; group += AffineSearch.Lanes)
        {
            int start = group * GroupElements;
            search.Run(
                values + start, weights + start, GroupElements, GroupElements, LargestCode, scales + group, minima + group, codes + start);
        }

        ushort scale = HalfFloats.FromSingle(Steps(scales, importance is null ? null : weightSums, scaleSteps));
        ushort minimum = HalfFloats.FromSingle(Steps(minima, importance is null ? null : weightSums, minimumSteps));
        RoundToStored(values, HalfFloats.ToSingle(scale), HalfFloats.ToSingle(minimum), scaleSteps, minimumSteps, codes);
        return (scale, minimum);
    }

    private float Steps(float* values, float* weights, byte* steps) =>
        weights is null
            ? SuperBlock.StepsOfLargest(values, Groups, Levels, steps)
            : ScaleSearch.Positive(values, weights, Groups, Levels, steps);

    private void RoundToStored(float* values, float scale, float minimum, byte* scaleSteps, byte* minimumSteps, byte* codes)
    {
        for (int group = 0; group < Groups; group++)
        {
            int start = group * GroupElements;
            SuperBlock.RoundAffine(
                values + start, GroupElements, scale * scaleSteps[group], minimum * minimumSteps[group], LargestCode, codes + start);
        }
    }

    private void WeighByMagnitude(float* values, float* weights)
    {
        float floor = FloorWeights ? MathF.Sqrt(SquareSum(values, GroupElements) / GroupElements) : 0;
        for (int i = 0; i < GroupElements; i++) weights[i] = floor + MathF.Abs(values[i]);
    }

    private static float SquareSum(float* values, int count)
    {
        float sum = 0;
        for (int i = 0; i < count; i++) sum += values[i] * values[i];
        return sum;
    }
}
