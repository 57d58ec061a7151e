namespace Caravan.Weights;

/// <summary>How far a conversion is.</summary>
/// <param name="BytesDone">Bytes written so far.</param>
/// <param name="BytesTotal">Bytes of the finished weights.</param>
public readonly record struct ConvertProgress(long BytesDone, long BytesTotal);
