namespace MacRunners.Buildkite;

/// <summary>Answer of <c>PUT …/scheduled-jobs/batch-reserve</c>.</summary>
internal sealed record ReservationBody(List<string?> Reserved, List<string?>? NotReserved = null)
{
    public Reservation ToReservation(IEnumerable<Guid> asked)
    {
        var yes = WireText.JobIds(Reserved);
        yes.ExceptWith(WireText.JobIds(NotReserved));
        var parts = asked.Distinct().ToLookup(yes.Contains);
        return new Reservation([.. parts[true]], [.. parts[false]]);
    }
}
