namespace Caravan.Training;

/// <summary>The same rate at every step.</summary>
/// <param name="rate">The learning rate.</param>
internal sealed class Constant(double rate) : Schedule
{
    /// <inheritdoc/>
    public override double Rate(int step) => rate;
}
