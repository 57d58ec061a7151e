namespace Caravan.Training;

/// <summary>A place between two batches of a <see cref="Packer"/>, from which exactly the same batches follow; written as JSON with checkpoints.</summary>
/// <param name="Samples">Where the sample stands whose sequences come next.</param>
/// <param name="Used">How many of its sequences were in batches before.</param>
internal sealed record PackerCursor(DatasetCursor Samples, int Used);
